"""The PM's tries at a plan since a person last spoke, and the one to show when there will be no further."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import PlanState
from services.store.models import Plan


async def last_plan(session: AsyncSession, request_id: int) -> Plan | None:
    """The newest of the request's plans."""
    return await session.scalar(_of(request_id).order_by(Plan.number.desc()).limit(1))


async def tries(session: AsyncSession, request_id: int) -> list[Plan]:
    """Drafts in a row that code refused, the oldest first."""
    found: list[Plan] = []
    for plan in (await session.scalars(_of(request_id).order_by(Plan.number.desc()))).all():
        if plan.state != PlanState.DRAFT:
            break
        found.insert(0, plan)
    return found


def best_of(plans: Sequence[Plan]) -> Plan:
    """The one with the fewest faults; of several the newest."""
    return min(reversed(plans), key=lambda plan: len(plan.faults))


def _of(request_id: int) -> sa.Select[Plan]:
    return sa.select(Plan).where(Plan.request_id == request_id)
