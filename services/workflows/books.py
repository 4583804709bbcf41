"""What this orchestrator writes of its runs: all that is ready at the same moment, in one transaction.

A transaction has its begin and its commit, on PostgreSQL its turn at the events, and where it gives places away a look
at the whole queue. Fifty runs that end at once would each pay for all of that, one after the other. A member that fails
takes nobody along: all is taken back, and each is done again alone.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.events import log as events
from services.points import Point, reached
from services.scheduling.admit import Admitted, admit_if_free
from services.scheduling.limits import SchedulingLimits
from services.store import later
from services.store.changes import say_changes
from services.store.database import Database
from services.store.listed import one_of_names
from services.store.models import Criterion, Finding, Run, Task, TaskDependency, TaskNote
from services.store.plain import Statement
from services.store.session import Select, hold, note_lacking
from services.workflows.doorbell import Doorbell

Places = dict[str, dict[str, Any]]
Prepare = Callable[[AsyncSession, Sequence[Admitted]], Awaitable[Places]]
AT_ONCE = 16  # members of one transaction: on SQLite whoever else writes waits for all of them
AGAIN_SECONDS = 0.005  # another orchestrator is giving places away
_TEXT = sa.Text()
_RUNS = Select(Run, lambda runs: runs.where(one_of_names(Run.id, sa.bindparam("ids", type_=_TEXT))).with_for_update())
_OF_RUNS = sa.select(Run.task_id).where(one_of_names(Run.id, sa.bindparam("ids", type_=_TEXT)))
_TASKS = Select(Task, lambda tasks: tasks.where(Task.id.in_(_OF_RUNS)))
_HAVING = Statement(
    sa.select(
        Task.id,
        sa.exists().where(Finding.task_id == Task.id),
        sa.exists().where(Run.task_id == Task.id, Run.state == RunState.QUEUED.value, Run.owner.is_(None)),
        sa.exists().where(TaskDependency.task_id == Task.id),
        sa.or_(
            *(sa.exists().where(model.task_id == Task.id) for model in (Finding, Criterion, TaskNote)),
        ),
    ).where(Task.id.in_(_OF_RUNS))
)


@dataclass(eq=False)
class Entry:
    """`write` changes what it wants, in a session that holds the run and its task. `give`: a place may be free now, or
    something may want one; what gets it is made ready by this. The points are come to before and after the commit."""

    write: Callable[[AsyncSession], Awaitable[Any]] | None = None
    run_id: str | None = None
    give: Prepare | None = None
    points: tuple[Point, Point] | None = None
    where: str = ""
    answer: Any = None
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def tell(self, error: Exception | None = None) -> None:
        if self.done.done():  # nobody waits any more
            return
        if error is None:
            self.done.set_result(self.answer)
        else:
            self.done.set_exception(error)


class Books:
    """One transaction after the other; whoever comes meanwhile is in the next one."""

    def __init__(self, db: Database, doorbell: Doorbell, owner: str, limits: SchedulingLimits) -> None:
        self._db, self._doorbell, self._owner, self._limits = db, doorbell, owner, limits
        self._waiting: list[Entry] = []
        self._writer: asyncio.Task[None] | None = None

    def adopt(self, limits: SchedulingLimits) -> None:
        self._limits = limits

    async def write(self, entry: Entry) -> Any:
        """What the entry's `write` answered, once it is committed. Raises what it raised, or what the database says."""
        self._waiting.append(entry)
        if self._writer is None:  # in a context of its own: it is no part of the story that came first
            self._writer = asyncio.create_task(self._write_all(), name="books", context=contextvars.Context())
        return await entry.done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                entries, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                try:
                    await self._write(entries)
                except Exception as error:  # noqa: BLE001  (told to whom it belongs)
                    await self._apart(entries, error)
        finally:
            self._writer = None

    async def _apart(self, entries: list[Entry], error: Exception) -> None:
        """Nothing of it was kept. What the database says holds for all; else one of several is to blame."""
        if len(entries) == 1 or isinstance(error, DBAPIError):
            for entry in entries:
                entry.tell(error)
            return
        for entry in entries:
            try:
                await self._write([entry])
            except Exception as own:  # noqa: BLE001  (as above)
                entry.tell(own)

    async def _write(self, entries: list[Entry]) -> None:
        admitted: list[Admitted] | None = []
        places: Places = {}
        async with self._db.write() as session:
            await _hold(session, [entry.run_id for entry in entries if entry.run_id is not None])
            later.gather(session)
            for entry in entries:
                entry.answer = await entry.write(session) if entry.write is not None else None
            give = next((entry.give for entry in entries if entry.give is not None), None)
            if give is not None:
                await say_changes(session)
                await session.flush()
                # A freed place is given away at once; a crash before these runs start leaves them to the sweep.
                admitted = await admit_if_free(session, self._owner, self._limits)
                places = await give(session, admitted or ())
            await say_changes(session)
            await session.flush()
            await later.send(session, last=True)
            await _come_to(entries, 0)
        await _come_to(entries, 1)
        self._doorbell.hand(admitted or (), places)
        if admitted is None:
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._doorbell.ring)
        for entry in entries:
            entry.tell()


async def _hold(session: AsyncSession, ids: Sequence[str]) -> None:
    """The runs, locked on PostgreSQL until the end, and their tasks: each found by its key from here on. What most
    tasks have none of is looked for once for all of them.

    The turn at the events comes before the rows: all who tell an event of a run take the two in this order.
    """
    if not ids:
        await events.lock(session)
        return
    told = {"ids": ",".join(ids)}
    asked = (_RUNS.statement, told), (_TASKS.statement, told), (_HAVING, told)
    runs, tasks, having = await events.lock_and_ask(session, *asked)
    hold(session, *_RUNS.of(session, runs), *_TASKS.of(session, tasks))
    for place, what in enumerate(("findings", "waiting_runs", "blockers", "points"), start=1):
        note_lacking(session, what, [row[0] for row in having if not row[place]])


async def _come_to(entries: Sequence[Entry], which: int) -> None:
    for entry in entries:
        if entry.points is not None:
            await reached(entry.points[which], entry.where)
