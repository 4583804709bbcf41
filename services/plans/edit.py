"""A person edits a plan before it is approved: any field, tasks more or fewer, in another order."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between
from services.domain.errors import Conflict, InvalidInput
from services.domain.states import PlanState
from services.events import log
from services.plans.check import PlanLimits, faults_of
from services.plans.decide import hold_plan
from services.plans.drafts import PlanDraft
from services.plans.measured import measured_minutes
from services.questions.void import void_of_plan
from services.store.models import Plan, PlanRevision, Request
from services.store.versions import apply_edit

PM = "pm"


async def edit_plan(
    session: AsyncSession, plan_id: int, version: int, changes: dict[str, Any], limits: PlanLimits, actor: str
) -> Plan:
    """The fields of the draft that are named take these values; `tasks` are all of them, in their order.

    What does not add up is kept and marked in `faults`: nobody loses what they wrote. What was there before is kept as
    a revision. Raises Conflict where the plan does not wait for a decision or has another version, InvalidInput where
    a field has not its shape.
    """
    plan = await hold_plan(session, plan_id)
    if plan.state != PlanState.WAITING:
        raise Conflict(f"This plan is {plan.state}.", "Only a plan that waits for your decision is edited.")
    try:
        draft = PlanDraft.model_validate({**plan.body, **changes})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InvalidInput(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}.", "Send it again with that mended."
        ) from error
    before, was = plan.body, plan.version
    request = await session.get_one(Request, plan.request_id)
    wrong = await faults_of(session, request, draft, limits)
    minutes = await measured_minutes(session, plan.project_id, draft)
    values = {
        "body": draft.model_dump(mode="json"), "summary": draft.summary, "faults": wrong, "minutes_measured": minutes
    }  # fmt: skip
    edit = await apply_edit(session, plan, version, values)
    if "body" in edit.fields:
        await void_of_plan(
            session,
            plan.id,
            actor=actor,
            why="It was taken out of the plan.",
            still=[q.strip() for q in draft.questions],
        )
        session.add(
            PlanRevision(plan_id=plan.id, version=was, actor=await _writer(session, plan.id, actor), body=before)
        )
        fields = sorted(name for name in changes if values["body"][name] != before.get(name))
        await log.append(
            session,
            "plan.edited",
            actor=actor,
            project_id=plan.project_id,
            plan_id=plan.id,
            fields=fields,
            faults=wrong,
            **between(before, values["body"]),
        )
    await session.flush()
    return plan


async def revisions(session: AsyncSession, plan_id: int) -> Sequence[PlanRevision]:
    """What the plan said before each edit, the oldest first: the first is the PM's own."""
    query = sa.select(PlanRevision).where(PlanRevision.plan_id == plan_id).order_by(PlanRevision.version)
    return (await session.scalars(query)).all()


async def _writer(session: AsyncSession, plan_id: int, actor: str) -> str:
    """Who wrote what is there now: the PM, until somebody edited it."""
    return actor if await revisions(session, plan_id) else PM
