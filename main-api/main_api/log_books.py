"""The hub's logs as main-api reads them: in threads, a bounded piece at a time, few searches at once."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from main_api.schemas.log import LogPageOut
from services.log_files.folder import LogFolders
from services.log_files.line import Line
from services.log_files.opened import OpenLog, Spot, opened
from services.log_files.position import PATTERN, Position
from services.log_files.reading import Page, Reading, pieces, whole_line
from services.log_files.wanted import Wanted
from services.log_files.when import first_since
from services.redaction import KNOWN, Stream

T = TypeVar("T")

AT_ONCE = 4  # readings; others wait for their turn
STILL_HERE = 0.2  # seconds between two looks whether the asker is still there


@dataclass(frozen=True)
class Asked:
    """Which lines of a log, between two positions and two times. `newest`: from the end on, until there are `limit`."""

    wanted: Wanted = field(default_factory=Wanted)
    after: str | None = None
    before: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest: bool = True
    limit: int = 200


class LogBooks:
    """`search_seconds` bounds one reading; what it did not get to is told, and asked for again."""

    def __init__(self, home: Path, search_seconds: float) -> None:
        # In containers each agent-api has a home of its own within the hub's.
        self.folders = LogFolders((home / "logs", home / "agent" / "logs", *sorted(home.glob("agent-*/logs"))))
        self._seconds = search_seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, name: str, asked: Asked, gone: Callable[[], Awaitable[bool]] | None = None) -> Page:
        """`gone` says whether the asker went away: nobody looks through files for nobody. Raises NotFound."""
        path = await asyncio.to_thread(self.folders.path, name)
        async with self._turns:
            with ExitStack() as closing:
                reading = await _to_its_end(lambda: _reading(closing.enter_context(opened(path)), asked))
                until, looked = time.monotonic() + self._seconds, time.monotonic()
                while not reading.done and time.monotonic() < until:
                    await _to_its_end(reading.step)
                    if gone is not None and time.monotonic() - looked > STILL_HERE:
                        looked = time.monotonic()
                        if await gone():
                            break
                return await _to_its_end(reading.page)

    async def news(self, name: str, asked: Asked) -> tuple[Page, str]:
        """What a follower has not seen, and the same as it is sent: all of it beside the event loop, in one piece of
        work. Raises NotFound."""
        async with self._turns:
            return await _to_its_end(lambda: self._news(name, asked))

    def _news(self, name: str, asked: Asked) -> tuple[Page, str]:
        until = time.monotonic() + self._seconds
        with opened(self.folders.path(name)) as log:
            reading = _reading(log, asked)
            while not reading.done and time.monotonic() < until:
                reading.step()
            page = reading.page()
        return page, LogPageOut.model_validate(page).model_dump_json()

    async def line(self, name: str, position: str) -> Line | None:
        """None where it is no more, or never was. Raises NotFound for the log."""
        path = await asyncio.to_thread(self.folders.path, name)
        return await asyncio.to_thread(_line, path, position) if re.fullmatch(PATTERN, position) else None

    async def download(self, name: str) -> AsyncIterator[bytes]:
        """All of it, without secrets. Raises NotFound before the first piece."""
        path = await asyncio.to_thread(self.folders.path, name)

        async def sent() -> AsyncIterator[bytes]:
            with _clean_pieces(path) as clean:
                while (piece := await asyncio.to_thread(next, clean, None)) is not None:
                    yield piece

        return sent()


async def _to_its_end(work: Callable[[], T]) -> T:
    """In a thread. Whoever is cancelled meanwhile waits for it: it reads files that are closed after."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def _reading(log: OpenLog, asked: Asked) -> Reading:
    low, high, lost = log.begin, log.end, False
    if asked.after:
        found = log.spot(asked.after)
        low, lost = found or low, found is None
    if asked.before:
        # Its file is no more: then nothing older than it is there either.
        high = log.spot(asked.before) or low
    if asked.since is not None:
        low = _later(low, first_since(log, asked.since))
    if asked.until is not None:
        high = min(high, first_since(log, asked.until))
    high = _later(low, high)
    return Reading(log, asked.wanted, low, high, asked.newest, asked.limit, lost, goes_on=bool(asked.after))


def _later(one: Spot, other: Spot) -> Spot:
    return other if one < other else one


def _line(path: Path, position: str) -> Line | None:
    with opened(path) as log:
        spot = log.spot(position)
        if spot is None or spot.offset >= log.files[spot.index].size:
            return None
        return whole_line(log.files[spot.index], Position.read(position).offset)


@contextmanager
def _clean_pieces(path: Path) -> Iterator[Iterator[bytes]]:
    with opened(path) as log:
        yield _clean(log)


def _clean(log: OpenLog) -> Iterator[bytes]:
    stream = Stream(KNOWN)
    for piece in pieces(log):
        yield stream.feed(piece.decode("latin-1")).encode("latin-1")
    yield stream.end().encode("latin-1")
