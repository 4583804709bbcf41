"""Deploys whose run ended without a word on them: cancelled with it, or cut off."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys.queue import CUT_OFF, OVER, end
from services.domain.states import LIVE_RUN, DeployState, RunState
from services.store.models import Deploy, Run

_OPEN = frozenset(DeployState) - OVER


async def stray_deploys(session: AsyncSession) -> list[tuple[Deploy, Run]]:
    query = (
        sa.select(Deploy, Run)
        .join(Run, Run.id == Deploy.run_id)
        .where(Deploy.state.in_(_OPEN), Run.state.not_in(LIVE_RUN))
    )
    return [(row, run) for row, run in await session.execute(query)]


async def close_deploys(session: AsyncSession) -> None:
    """What a person stopped is cancelled; of one that was begun and lost nobody knows what it did."""
    for row, run in await stray_deploys(session):
        if run.state == RunState.CANCELLED:
            await end(session, row, DeployState.CANCELLED, run.summary, actor="person")
        elif row.state == DeployState.QUEUED:
            await end(session, row, DeployState.CANCELLED, run.summary)
        else:
            await end(session, row, DeployState.INTERRUPTED, CUT_OFF)
