"""Whether a browser's session is open: asked on each request, so an answer is remembered for a few seconds."""

import time

from services.sessions.hashing import sha256
from services.sessions.sessions import find_session
from services.store.database import Database

REMEMBERED_SECONDS = 5.0  # how long a session that another process ended may go on
MOST = 1000


class SignedIn:
    """Remembers open sessions only: what is refused is looked up each time, by one indexed read."""

    def __init__(self, db: Database, seconds: float = REMEMBERED_SECONDS) -> None:
        self._db = db
        self._seconds = seconds
        self._known: dict[str, float] = {}

    async def check(self, token: str) -> str | None:
        """The hash under which the session is kept; None when it is not open."""
        return digest if await self.is_open(digest := sha256(token)) else None

    async def is_open(self, token_sha256: str) -> bool:
        now = time.monotonic()
        if self._known.get(token_sha256, 0.0) > now:
            return True
        async with self._db.read() as session:
            row = await find_session(session, token_sha256)
        if row is None:
            self._known.pop(token_sha256, None)
            return False
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[token_sha256] = now + self._seconds
        return True

    def forget(self, token_sha256: str) -> None:
        self._known.pop(token_sha256, None)
