"""What main-api does by itself while it runs: keeps stored answers within their bounds."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from main_api.settings import MainSettings
from services.models.stored_answers import stored, sweep
from services.store.database import Database

log = structlog.get_logger(__name__)
ANSWERS_SECONDS = 600.0


class Housekeeping:
    """Rounds of its own; what fails is told and tried again in the next one. Several main-apis may do the same."""

    def __init__(self, settings: MainSettings, db: Database) -> None:
        self._settings, self._db = settings, db
        self._rounds: list[tuple[Callable[[], Awaitable[None]], float]] = [(self.sweep_answers, ANSWERS_SECONDS)]
        self._tasks: list[asyncio.Task[None]] = []

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


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except (DBAPIError, SQLAlchemyError, OSError) as error:
            log.warning("housekeeping.database", work=work.__name__, error=str(error)[:300])
