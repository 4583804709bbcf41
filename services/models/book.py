"""The writer of the book of model calls: what several calls have to write at the same time is one transaction.

A transaction costs more than the few lines that a call writes in it, and on SQLite there is one writer at a time.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from services.domain.errors import HubError
from services.models.tally import Tally
from services.store.away import is_away
from services.store.database import Database
from services.store.trips import Steps, Trip

T = TypeVar("T")
TOGETHER = 64  # entries of one transaction
AWAY_SECONDS, DAY_SECONDS = 60.0, 86_400.0  # how long what must not get lost waits for the database
LONGEST_PAUSE = 2.0
LATER_SECONDS = 0.005  # what nobody waits for goes along with what comes next
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    """`make` begins what it has to say (trips.py), which raises a HubError only before it has written anything."""

    make: Callable[[], Steps[T]]
    done: "asyncio.Future[T]"


class Book:
    """Entries are written in the order in which they are given. `tally` is for them alone, in their transaction."""

    def __init__(self, db: Database) -> None:
        self.tally = Tally()
        self._db = db
        self._waiting: deque[_Entry[Any]] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._insisting: set[asyncio.Task[Any]] = set()

    def write(self, entry: Callable[[], Steps[T]]) -> "asyncio.Future[T]":
        """Done when it is committed. It is written whether or not somebody still waits for it."""
        made = self._add(entry)
        self._begin()
        return made

    def write_later(self, entry: Callable[[], Steps[Any]]) -> None:
        """Before any entry that is given after it, and within LATER_SECONDS; what fails is logged."""
        self._add(entry).add_done_callback(_tell)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATER_SECONDS, self._begin)

    async def insist(self, entry: Callable[[], Steps[T]], seconds: float = AWAY_SECONDS) -> T:
        """`write` of what must not get lost: while the database is away it is tried again, so long at the most. The
        entry may be called after it was written: a commit whose answer got lost."""
        loop, pause = asyncio.get_running_loop(), 0.1
        until = loop.time() + seconds
        while True:
            try:
                return await self.write(entry)
            except Exception as error:
                if not is_away(error) or loop.time() > until:
                    raise
                log.warning("book.database", error=str(error)[:300])
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.7)

    async def settle(self, entry: Callable[[], Steps[Any]]) -> None:
        """`write`, and where the database is away as soon as it is back: nobody waits for that."""
        try:
            await self.write(entry)
        except Exception as error:
            if not is_away(error):
                raise
            task = asyncio.create_task(self.insist(entry, DAY_SECONDS), name="book-settles")
            self._insisting.add(task)
            task.add_done_callback(self._insisting.discard)
            task.add_done_callback(_tell)

    async def close(self) -> None:
        """Writes what waits."""
        for task in self._insisting:
            task.cancel()  # the next gateway settles what is open at its start
        self._begin()
        while self._writer is not None:
            await asyncio.wait({self._writer})

    def _add(self, entry: Callable[[], Steps[T]]) -> "asyncio.Future[T]":
        made = _Entry(entry, asyncio.get_running_loop().create_future())
        self._waiting.append(made)
        return made.done

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writer is None and self._waiting:
            self._writer = asyncio.create_task(self._write(), name="book-of-calls")

    async def _write(self) -> None:
        try:
            while self._waiting:
                entries = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
                if not await self._together(entries) and len(entries) > 1:
                    for entry in entries:  # one of them failed: the others need not
                        await self._together([entry])
        finally:
            self._writer = None

    async def _together(self, entries: list[_Entry[Any]]) -> bool:
        """Whether they are written, or refused each for itself. A single one's failure is told to who waits for it."""
        try:
            results = await self._db.carry(lambda: self._steps(entries))
        except Exception as error:  # noqa: BLE001 - each one who waits is told
            self.tally.forget()
            if len(entries) == 1 and not entries[0].done.done():
                entries[0].done.set_exception(error)
            return False
        for entry, result in zip(entries, results, strict=True):
            if entry.done.done():  # nobody waits any more
                continue
            if isinstance(result, HubError):
                entry.done.set_exception(result)
            else:
                entry.done.set_result(result)
        return True

    def _steps(self, entries: list[_Entry[Any]]) -> Steps[list[Any]]:
        """All of them side by side: what each has to say next goes along in one trip. What each has come to."""
        self.tally.begin()
        results: list[Any] = [None] * len(entries)
        going: list[tuple[int, Steps[Any], Any]] = [(place, one.make(), None) for place, one in enumerate(entries)]
        while going:
            said: list[tuple[int, Steps[Any], Trip]] = []
            for place, steps, answers in going:
                try:
                    said.append((place, steps, steps.send(answers)))
                except StopIteration as end:
                    results[place] = end.value
                except HubError as refusal:
                    results[place] = refusal
            going = [] if not said else _answered(said, (yield _as_one([trip for _, _, trip in said])))
        return results


def _as_one(trips: list[Trip]) -> Trip:
    if len(trips) == 1:
        return trips[0]
    lock = next((trip.lock for trip in trips if trip.lock is not None), None)  # there is one for the book
    return Trip([one for trip in trips for one in trip.statements], all(trip.last for trip in trips), lock)


def _answered(said: list[tuple[int, Steps[Any], Trip]], answers: list[Any]) -> list[tuple[int, Steps[Any], Any]]:
    """To each the answers to its own statements."""
    at, told = 0, list[tuple[int, Steps[Any], Any]]()
    for place, steps, trip in said:
        told.append((place, steps, answers[at : at + len(trip.statements)]))
        at += len(trip.statements)
    return told


def _tell(done: "asyncio.Future[Any]") -> None:
    if not done.cancelled() and (error := done.exception()):
        log.error("book.not_written", exc_info=error)
