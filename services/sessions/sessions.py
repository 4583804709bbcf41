"""Sessions: what a signed-in browser holds instead of the owner's token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.events import log
from services.sessions.hashing import sha256
from services.store.models import WebSession
from services.store.types import now

TOKEN_BYTES = 32
KEPT = timedelta(days=30)  # ended sessions, for who asks when somebody was signed in


@dataclass(frozen=True)
class Opened:
    """A new session: its secret, which is shown this once, and its time."""

    token: str
    since: datetime
    expires_at: datetime


async def open_session(session: AsyncSession, seconds: float, user_agent: str = "") -> Opened:
    """A session of `seconds`. Those that ended long ago are swept on the way."""
    await session.execute(sa.delete(WebSession).where(WebSession.expires_at < now() - KEPT))
    token, since = secrets.token_urlsafe(TOKEN_BYTES), now()
    row = WebSession(
        token_sha256=sha256(token),
        created_at=since,
        expires_at=since + timedelta(seconds=seconds),
        user_agent=user_agent[:200],
    )
    session.add(row)
    await session.flush()
    await log.append(session, "session.opened", actor="person", session_id=row.id)
    return Opened(token, since, row.expires_at)


async def find_session(session: AsyncSession, token_sha256: str) -> WebSession | None:
    """The session that is open under this hash; None when it ended, was ended, or never was. One indexed read."""
    return await session.scalar(
        sa.select(WebSession).where(
            WebSession.token_sha256 == token_sha256, WebSession.ended_at.is_(None), WebSession.expires_at > now()
        )
    )


async def end_session(session: AsyncSession, token_sha256: str) -> bool:
    """Ends it; False when it was not open."""
    row = await find_session(session, token_sha256)
    if row is None:
        return False
    row.ended_at = now()
    await log.append(session, "session.ended", actor="person", session_id=row.id)
    return True
