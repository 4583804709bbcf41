"""Sign-in links: a code opens once, within its time."""

import secrets
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed, made
from services.events import log
from services.sessions.errors import LinkExpired
from services.sessions.hashing import sha256
from services.store.models import LoginCode
from services.store.types import now

CODE_BYTES = 24
KEPT = timedelta(days=1)  # after its time, so that a second use can still be told from nonsense


async def make_code(session: AsyncSession, seconds: float) -> tuple[str, datetime]:
    """A fresh code and the time it ends. Old codes are swept on the way."""
    await session.execute(sa.delete(LoginCode).where(LoginCode.expires_at < now() - KEPT))
    code, expires_at = secrets.token_urlsafe(CODE_BYTES), now() + timedelta(seconds=seconds)
    session.add(LoginCode(sha256=sha256(code), expires_at=expires_at))
    await log.append(session, "session.link_made", actor="person", **made(expires_at=expires_at))
    return code, expires_at


async def may_open(session: AsyncSession, code: str) -> bool:
    """Whether the code would open now: one indexed read, so that guesses cost no write."""
    row = await session.get(LoginCode, sha256(code))
    return row is not None and row.used_at is None and row.expires_at > now()


async def use_code(session: AsyncSession, code: str) -> None:
    """Takes the code out of use. Raises LinkExpired; of two who come at once, one is let in."""
    used = await session.execute(
        sa.update(LoginCode)
        .where(LoginCode.sha256 == sha256(code), LoginCode.used_at.is_(None), LoginCode.expires_at > now())
        .values(used_at=now())
    )
    if cast("sa.CursorResult[Any]", used).rowcount != 1:
        raise LinkExpired("This sign-in link was used before or is too old.", "Ask for a fresh one: wf login.")
    await log.append(session, "session.link_used", actor="person", **changed(used=(False, True)))
