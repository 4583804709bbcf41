"""A plan beside an earlier one of its request, or beside what it said before an edit."""

from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.request import PlanDiff
from services.domain.errors import InvalidInput, NotFound
from services.plans.differences import difference
from services.plans.drafts import PlanDraft
from services.plans.edit import PM, revisions
from services.store.models import Plan


async def read_diff(session: AsyncSession, plan: Plan, against: int | None, revision: int | None) -> PlanDiff:
    """Raises InvalidInput where there is nothing to compare with, NotFound where what is named is not there."""
    if against is not None and revision is not None:
        raise InvalidInput("Both against and revision are given.", "Give one of them.")
    if against is not None:
        words, body = await _other(session, plan, against)
    elif revision is not None:
        words, body = await _earlier(session, plan, revision)
    else:
        words, body = await _usual(session, plan)
    found = difference(_draft(body), _draft(plan.body))
    return PlanDiff.model_validate(
        {"against": words, **{name: getattr(found, name) for name in PlanDiff.model_fields if name != "against"}}
    )


async def _other(session: AsyncSession, plan: Plan, other_id: int) -> tuple[str, dict[str, Any]]:
    other = await session.get(Plan, other_id)
    if other is None or other.request_id != plan.request_id:
        raise NotFound(f"The request of this plan has no plan with id {other_id}.", "GET /requests/{id} lists them.")
    return f"version {other.number}", other.body


async def _earlier(session: AsyncSession, plan: Plan, version: int) -> tuple[str, dict[str, Any]]:
    for one in await revisions(session, plan.id):
        if one.version == version:
            return "the PM's own words" if one.actor == PM else f"what it said at version {version}", one.body
    raise NotFound(f"This plan has no revision {version}.", "GET /plans/{id}/revisions lists them.")


async def _usual(session: AsyncSession, plan: Plan) -> tuple[str, dict[str, Any]]:
    if kept := await revisions(session, plan.id):
        return "the PM's own words", kept[0].body
    query = sa.select(Plan).where(Plan.request_id == plan.request_id, Plan.number < plan.number)
    before = await session.scalar(query.order_by(Plan.number.desc()).limit(1))
    if before is None:
        raise InvalidInput("This is the request's first plan, and nobody edited it.", "There is nothing to compare.")
    return f"version {before.number}", before.body


def _draft(body: dict[str, Any]) -> PlanDraft:
    """Raises InvalidInput for a body that an older hub kept and nobody can read as a plan."""
    try:
        return PlanDraft.model_validate(body)
    except ValidationError as error:
        raise InvalidInput("One of the two is no complete plan.", "Compare it with another version.") from error
