"""What main-api does by itself: bounds stored answers, lets go on who waited for money that is there by now, finishes
what a person began in git when a main-api died over it, counts SQLite's rows for its planner, and frees what a frozen
program holds in PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from main_api.settings import MainSettings
from services.events import log as events
from services.models.exhausted import in_the_way
from services.models.stored_answers import stored, sweep
from services.repos.repos import Repos
from services.restorations.carry import finish_begun
from services.store.database import IDLE_SECONDS, Database
from services.store.frozen import end_frozen
from services.store.models import Request, Task
from services.tasks.funds import go_on, plan_on

log = structlog.get_logger(__name__)
ANSWERS_SECONDS = 600.0
FUNDS_SECONDS = 30.0
LEFT_SECONDS = 10.0
COUNT_SECONDS = 3600.0
FREE_SECONDS = 10.0
SAMPLE = 400  # rows of an index that SQLite looks at: https://sqlite.org/lang_analyze.html#approx


class Housekeeping:
    """Rounds of its own; what fails is told and tried again in the next one. Several main-apis may do the same."""

    def __init__(self, settings: MainSettings, db: Database, repos: Repos) -> None:
        self._settings, self._db, self._repos = settings, db, repos
        self._rounds: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self.sweep_answers, ANSWERS_SECONDS),
            (self.fund, FUNDS_SECONDS),
            (self.finish, LEFT_SECONDS),
            (self.count, COUNT_SECONDS),
            (self.free, FREE_SECONDS),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    def adopt(self, settings: MainSettings) -> None:
        self._settings = settings

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(_again_and_again(work, seconds)) for work, seconds in self._rounds]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def sweep_answers(self) -> None:
        bounds = self._settings.answer_bounds
        removed = await sweep(self._db, bounds)
        async with self._db.read() as session:
            left = await stored(session)
        if removed:
            log.info("answers.swept", removed=removed, answers=left.answers, bytes=left.size)
        if left.size > bounds.max_bytes:
            log.warning("answers.over_their_bound", bytes=left.size, held=left.held, max_bytes=bounds.max_bytes)

    async def fund(self) -> None:
        """Who waits for money because of a day that is over, or of calls that cost less than was held for them."""
        budgets = self._settings.budgets
        async with self._db.read() as session:
            free = (await in_the_way(session, budgets)).free_to_go
        if not free:
            return
        async with self._db.write() as session:
            await events.lock(session)
            keys = await go_on(session, Task.id.in_([one.task_id for one in free]), "hub", budgets)
            ids = await plan_on(session, Request.id.in_([one.request_id for one in free]), "hub", budgets)
        log.info("budgets.funded", tasks=keys, requests=ids)

    async def finish(self) -> None:
        """Merges half undone and branches half rolled back."""
        await finish_begun(self._db, self._repos)

    async def count(self) -> None:
        """PostgreSQL counts its rows by itself; without it SQLite's planner takes the wrong index of a large hub."""
        if self._db.is_sqlite:
            async with self._db.write() as session:
                await session.execute(sa.text(f"PRAGMA analysis_limit({SAMPLE})"))
                await session.execute(sa.text("ANALYZE"))

    async def free(self) -> None:
        """What a frozen orchestrator holds, where no other is there to do it."""
        async with self._db.read() as session:
            if ended := await end_frozen(session, IDLE_SECONDS):
                log.warning("database.freed", transactions=ended)


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except (DBAPIError, SQLAlchemyError, OSError) as error:
            log.warning("housekeeping.database", work=work.__name__, error=str(error)[:300])
        except Exception as error:  # the next round may do: one that ended would be missed by nobody
            log.error("housekeeping.broke", work=work.__name__, exc_info=error)
