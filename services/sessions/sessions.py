"""Sessions: what a signed-in browser holds instead of the owner's token."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone, made
from services.domain.errors import NotFound
from services.events import log
from services.sessions.hashing import sha256
from services.store.models import LoginCode, WebSession
from services.store.types import now

TOKEN_BYTES = 32
KEPT = timedelta(days=30)  # ended sessions, for who asks when somebody was signed in


@dataclass(frozen=True)
class Opened:
    """A new session: its secret, which is shown this once, and its time."""

    token: str
    since: datetime
    expires_at: datetime


async def open_session(
    session: AsyncSession, seconds: float, user_agent: str = "", opened_with: Literal["link", "token"] = "link"
) -> Opened:
    """A session of `seconds`. Those that ended long ago are swept on the way."""
    await session.execute(sa.delete(WebSession).where(WebSession.expires_at < now() - KEPT))
    token, since = secrets.token_urlsafe(TOKEN_BYTES), now()
    row = WebSession(
        token_sha256=sha256(token),
        created_at=since,
        last_seen_at=since,
        expires_at=since + timedelta(seconds=seconds),
        user_agent=user_agent[:200],
        opened_with=opened_with,
    )
    session.add(row)
    await session.flush()
    await log.append(
        session,
        "session.opened",
        actor="person",
        session_id=row.id,
        **made(opened_with=opened_with, user_agent=row.user_agent),
    )
    return Opened(token, since, row.expires_at)


async def find_session(session: AsyncSession, token_sha256: str) -> WebSession | None:
    """The session that is open under this hash; None when it ended, was ended, or never was. One indexed read."""
    return await session.scalar(still_open().where(WebSession.token_sha256 == token_sha256))


def still_open() -> sa.Select[WebSession]:
    """Those that are open now."""
    return sa.select(WebSession).where(WebSession.ended_at.is_(None), WebSession.expires_at > now())


async def end_session(session: AsyncSession, token_sha256: str) -> bool:
    """Ends it; False when it was not open."""
    row = await find_session(session, token_sha256)
    if row is None:
        return False
    await _end(session, row)
    return True


async def end_one(session: AsyncSession, session_id: int) -> str:
    """Ends the open session of this id, and answers its hash. Raises NotFound."""
    row = await session.scalar(still_open().where(WebSession.id == session_id))
    if row is None:
        raise NotFound(f"There is no open session {session_id}.", "List them with GET /sessions.")
    await _end(session, row)
    return row.token_sha256


async def end_all(session: AsyncSession, but: str | None = None) -> list[str]:
    """Ends all open sessions but the one of this hash, and voids the sign-in links nobody used; answers the hashes."""
    rows = [row for row in (await session.scalars(still_open())).all() if row.token_sha256 != but]
    for row in rows:
        await _end(session, row)
    unused = sa.update(LoginCode).where(LoginCode.used_at.is_(None), LoginCode.expires_at > now())
    await session.execute(unused.values(expires_at=now()))
    return [row.token_sha256 for row in rows]


async def note_seen(session: AsyncSession, seen: Mapping[str, datetime]) -> None:
    """Writes down when each session, by its hash, was last seen."""
    for token_sha256, at in seen.items():
        await session.execute(
            sa.update(WebSession).where(WebSession.token_sha256 == token_sha256).values(last_seen_at=at)
        )


async def _end(session: AsyncSession, row: WebSession) -> None:
    row.ended_at = now()
    await log.append(session, "session.ended", actor="person", session_id=row.id, **gone(user_agent=row.user_agent))
