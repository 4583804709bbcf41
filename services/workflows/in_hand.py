"""A run and its task as their rows stand, read and written by plain statements: what each stage does several times."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from services.domain.states import LIVE_RUN, RunState
from services.events import log
from services.store.models import Run, Task
from services.store.plain import Loader, Rows, Statement, telling
from services.workflows.bench import bench

T = TypeVar("T")
_RUN, _TASK = Loader(Run), Loader(Task)
_RUNS: Any = Run.__table__
_BOTH = (
    sa.select(*_RUN.columns, *_TASK.columns)
    .select_from(sa.outerjoin(Run, Task, Task.id == Run.task_id))
    .where(Run.id == sa.bindparam("key"))
)
_SEEN, _HELD = Statement(_BOTH), Statement(_BOTH.with_for_update(of=_RUNS))
WRITTEN = ("job_started_at", "model", "details", "tokens_in", "tokens_out", "cost", "files_touched", "head_sha")
_WRITE = Statement(sa.update(_RUNS).where(_RUNS.c.id == sa.bindparam("key")), WRITTEN)


@dataclass(frozen=True)
class InHand:
    """In no session: to read, and to be written back by `change` alone. `task` is None for a request's planning."""

    run: Run
    task: Task | None

    @property
    def is_current(self) -> bool:
        return is_current(self.run, self.task)


def is_current(run: Run, task: Task | None) -> bool:
    """The rule of `records.is_current` on rows at hand. Where another worker has the run, this process ends here."""
    if RunState(run.state) not in LIVE_RUN:
        return False
    if run.owner != bench().owner:
        bench().fence.taken(run.id, run.owner)
    return task is None or task.current_run_id == run.id


async def look_at(run_id: str) -> InHand:
    """Raises LookupError where there is no such run."""
    db = bench().db
    rows = await db.look(_SEEN, {"key": run_id})
    if not rows:
        raise LookupError(f"There is no run {run_id}.")
    return _in_hand(lambda loader, row: loader.make(db.engine.dialect, row), rows[0])


async def change(run_id: str, work: Callable[[Rows, Run, Task | None], None]) -> bool:
    """One transaction: if the run is current, `work` changes it, and those columns of it that are `WRITTEN` are kept.

    Answers whether it was. `work` may be called again if the transaction could not begin.
    """

    def done(rows: Rows) -> bool:
        log.lock_plainly(rows)  # before the row: all who tell an event of a run take the two in this order
        found = _in_hand(rows.make, rows.run(_HELD, {"key": run_id})[0])
        if not found.is_current:
            return False
        work(rows, found.run, found.task)
        rows.run(_WRITE, {"key": run_id, **{name: getattr(found.run, name) for name in WRITTEN}})
        return True

    with telling(bench().db.engine.dialect):
        return await bench().db.transact(done)


def _in_hand(make: Callable[[Loader[Any], Any], Any], row: Any) -> InHand:
    task = row[len(_RUN.columns) :]
    return InHand(make(_RUN, row[: len(_RUN.columns)]), make(_TASK, task) if task[_ID] is not None else None)


_ID = next(place for place, column in enumerate(_TASK.columns) if column.key == "id")
