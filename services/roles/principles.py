"""The principles that every role is told, whatever it does. A change is a new version, the newest holds."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.events import log
from services.store.models import Principles
from services.store.plain import Statement, run_in

MAX_TEXT = 20_000  # characters: each prompt carries them
_NEWEST = Statement(sa.select(Principles.version, Principles.text).order_by(Principles.version.desc()).limit(1))


async def core_principles(session: AsyncSession) -> tuple[int, str]:
    """Their version and text; (0, "") in a hub that has none."""
    rows = await run_in(session, _NEWEST, {})
    return (rows[0][0], rows[0][1]) if rows else (0, "")


async def principles_versions(session: AsyncSession) -> Sequence[Principles]:
    """The newest first."""
    return (await session.scalars(sa.select(Principles).order_by(Principles.version.desc()))).all()


async def newest_principles(session: AsyncSession) -> Principles:
    row = await session.scalar(sa.select(Principles).order_by(Principles.version.desc()).limit(1))
    if row is None:
        raise NotFound("This hub has no principles.", "Start main-api anew: it puts the shipped ones in.")
    return row


async def put_principles(session: AsyncSession, version: int, text: str, actor: str) -> Principles:
    """The next version. Raises Conflict where `version` is not the newest, InvalidInput where the text is too long."""
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"The principles have {len(text)} characters; {MAX_TEXT} is the most.", "Shorten them.")
    await log.lock(session)
    newest = await newest_principles(session)
    if newest.version != version:
        raise Conflict(
            f"The principles are at version {newest.version}.",
            "Read them again, and send your change with that version.",
        )
    if newest.text == text:
        return newest
    made = Principles(version=version + 1, text=text, actor=actor)
    session.add(made)
    await session.flush()
    await log.append(
        session, "principles.edited", actor=actor, version=made.version, **changed(text=(newest.text, text))
    )
    return made
