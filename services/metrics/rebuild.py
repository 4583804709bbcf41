"""Makes what is kept for metrics anew, out of the facts: `wf metrics rebuild`."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.events import log
from services.models.tally import LOCK
from services.models.usage_quarters import all_calls
from services.store.models import UsageQuarter, Wait
from services.tasks.waits import all_waits


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Rows of each."""

    usage_quarters: int
    waits: int


async def rebuild(session: AsyncSession) -> Rebuilt:
    """In the caller's transaction. Nobody settles a call or changes a task's state meanwhile, and none is missed."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    await log.lock(session)
    for kept, made in ((UsageQuarter, all_calls()), (Wait, all_waits())):
        await session.execute(sa.delete(kept))
        await session.execute(made)
    counted = [await session.scalar(sa.select(sa.func.count()).select_from(kept)) for kept in (UsageQuarter, Wait)]
    return Rebuilt(counted[0] or 0, counted[1] or 0)
