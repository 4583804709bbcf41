"""Whether a browser's session is open: asked on each request, so an answer is remembered for a few seconds."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.sessions.hashing import sha256
from services.sessions.sessions import find_session, note_seen
from services.store.database import Database
from services.store.types import now

REMEMBERED_SECONDS = 5.0  # how long a session that another process ended may go on
SEEN_SECONDS = 60.0  # how far behind a session's row may be
MOST = 1000
log = structlog.get_logger(__name__)


class SignedIn:
    """Remembers open sessions only: what is refused is looked up each time, by one indexed read.

    It knows the connections that stay open, to close them with their session, and writes now and then who was seen.
    """

    def __init__(self, db: Database, seconds: float = REMEMBERED_SECONDS) -> None:
        self._db = db
        self._seconds = seconds
        self._known: dict[str, float] = {}
        self._ended: set[str] = set()
        self._seen: dict[str, datetime] = {}
        self._connections: dict[str, set[asyncio.Event]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._writing = asyncio.create_task(self._write_now_and_then(), name="sessions-seen")

    async def stop(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        await self._write_seen()

    async def check(self, token: str) -> str | None:
        """The hash under which the session is kept; None when it is not open. The caller counts as seen."""
        digest = sha256(token)
        if not await self.is_open(digest):
            return None
        self._seen[digest] = now()
        return digest

    async def is_open(self, token_sha256: str) -> bool:
        until = time.monotonic()
        if self._known.get(token_sha256, 0.0) > until:
            return True
        async with self._db.read() as session:
            row = await find_session(session, token_sha256)
        if row is None or token_sha256 in self._ended:  # the row may have been read just before it was ended
            self.forget([token_sha256])
            return False
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[token_sha256] = until + self._seconds
        return True

    def forget(self, hashes: Iterable[str]) -> None:
        """These have ended, and that was committed: their open connections close at once."""
        if len(self._ended) >= MOST:
            self._ended.clear()
        for token_sha256 in hashes:
            self._ended.add(token_sha256)
            self._known.pop(token_sha256, None)
            self._seen.pop(token_sha256, None)
            for ended in self._connections.get(token_sha256, ()):
                ended.set()

    def last_seen(self, token_sha256: str, written: datetime | None) -> datetime | None:
        """What the row says, or later; a connection that is open is seen now."""
        return now() if self._connections.get(token_sha256) else self._seen.get(token_sha256, written)

    @contextmanager
    def connection(self, token_sha256: str) -> Iterator[asyncio.Event]:
        """A connection that stays open, for as long as the block lasts; the event says that its session has ended."""
        ended = asyncio.Event()
        self._connections.setdefault(token_sha256, set()).add(ended)
        try:
            yield ended
        finally:
            self._seen[token_sha256] = now()
            self._connections[token_sha256].discard(ended)
            if not self._connections[token_sha256]:
                del self._connections[token_sha256]

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SEEN_SECONDS)
            await self._write_seen()

    async def _write_seen(self) -> None:
        seen = self._seen | {token_sha256: now() for token_sha256 in self._connections}
        self._seen = {}
        if not seen:
            return
        try:
            async with self._db.write() as session:
                await note_seen(session, seen)
        except (SQLAlchemyError, OSError) as error:  # the next round writes what is seen then
            log.warning("sessions.seen_not_written", error=str(error))
