"""The past, newest first: who did what, when, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import Event


@dataclass(frozen=True)
class Asked:
    """What of it. `kinds` are whole (`task.moved`) or nouns (`task`); `since` is included, `until` and `before` (a
    number) are not."""

    project_id: int | None = None
    task_id: int | None = None
    who: str | None = None
    kinds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


async def read_history(session: AsyncSession, asked: Asked, limit: int) -> Sequence[Event]:
    """At most `limit`, the newest first; go on with `before`, the last number."""
    query = sa.select(Event).order_by(Event.seq.desc()).limit(limit)
    named = ((Event.project_id, asked.project_id), (Event.task_id, asked.task_id), (Event.actor, asked.who))
    for column, wanted in named:
        if wanted is not None:
            query = query.where(column == wanted)
    if asked.kinds:
        nouns = [Event.kind.startswith(f"{kind}.", autoescape=True) for kind in asked.kinds if "." not in kind]
        query = query.where(sa.or_(Event.kind.in_([kind for kind in asked.kinds if "." in kind]), *nouns))
    if asked.since is not None:
        query = query.where(Event.at >= asked.since)
    if asked.until is not None:
        query = query.where(Event.at < asked.until)
    if asked.before is not None:
        query = query.where(Event.seq < asked.before)
    return (await session.scalars(query)).all()
