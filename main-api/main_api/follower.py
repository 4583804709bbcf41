"""Live events: one follower per process reads each event once, and every reader takes from it at its own pace."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.schemas.event import EventOut
from services.events import log as events
from services.store.database import Database
from services.store.models import Event
from services.store.wakeup import commits

log = structlog.get_logger(__name__)
KEPT = 2000  # events in memory for readers that keep up; others read the database
BATCH = 500
TIMER_SECONDS = 5.0
REST_SECONDS = 0.05  # the first event of a burst is told at once, the others together
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Line:
    """One event as it is sent."""

    seq: int
    project_id: int | None
    text: str


def _line(event: Event) -> Line:
    return Line(event.seq, event.project_id, EventOut.model_validate(event).model_dump_json())


class Follower:
    """Follows the event log. `latest` is the last number it has seen; it keeps at most KEPT lines, whoever reads."""

    def __init__(self, db: Database, kept: int = KEPT) -> None:
        self.db = db
        self.latest = 0
        self.from_database = 0  # batches that readers had to fetch: the measure of who lags
        self._floor = 0  # the kept lines are all that follow this number
        self._lines: deque[Line] = deque()
        self._kept = kept
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self.db.read() as session:
            self.latest = self._floor = await events.last_seq(session)
        self._task = asyncio.create_task(self._follow(), name="events-follower")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def start_at(self, after: int | None) -> int:
        """Where a reader begins: at the news, or after its number; one of a database that is gone is brought back."""
        while await self._read_on():  # what was committed before it came belongs to its replay
            pass
        return self.latest if after is None else min(max(after, 0), self.latest)

    async def batch(self, after: int, project_id: int | None) -> tuple[list[Line], int]:
        """The next lines after a number, at most BATCH, and the number reached, which a filter may take further."""
        if after >= self._floor:
            lines = [line for line in self._lines if line.seq > after][:BATCH]
        else:
            self.from_database += 1
            async with self.db.read() as session:
                lines = [_line(event) for event in await events.after(session, after, limit=BATCH)]
        reached = lines[-1].seq if lines else after
        return [line for line in lines if project_id in (None, line.project_id)], reached

    async def wait(self, after: int, seconds: float, also: Callable[[], bool] = lambda: False) -> None:
        """Returns when there is news after a number, when `also` holds after a `wake`, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self.latest > after or also())

    async def wake(self) -> None:
        """Lets those who wait look again."""
        async with self._news:
            self._news.notify_all()

    async def _follow(self) -> None:
        while True:
            try:
                async with aclosing(commits(self.db.url, TIMER_SECONDS, REST_SECONDS)) as doorbell:
                    async for _ in doorbell:
                        while await self._read_on():
                            pass
            except (SQLAlchemyError, OSError) as error:
                log.warning("events.follower_failed", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_on(self) -> bool:
        """Takes the next events in; whether there may be more."""
        async with self._news:
            if not await events.has_news(self.db, self.latest):
                return False
            async with self.db.read() as session:
                news = [_line(event) for event in await events.after(session, self.latest, limit=BATCH)]
            if not news:
                return False
            self._lines.extend(news)
            while len(self._lines) > self._kept:
                self._floor = self._lines.popleft().seq
            self.latest = news[-1].seq
            self._news.notify_all()
            return len(news) == BATCH
