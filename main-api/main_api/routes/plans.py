"""Plans over HTTP: read them, decide on them, see how far they are."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.plan_diff import read_diff
from main_api.reads.progress import read_progress
from main_api.reads.rows import one, where
from main_api.schemas.request import (
    FeedbackIn,
    NoteIn,
    PlanApproveIn,
    PlanDiff,
    PlanOut,
    PlanPatch,
    PlanProgress,
    PlanRevisionOut,
    PlanTriggerIn,
    ReplanIn,
)
from main_api.schemas.shape import Id
from services.domain.states import PlanState
from services.plans import decide
from services.plans.edit import edit_plan, revisions
from services.plans.replan import replan
from services.plans.trigger import trigger_plan
from services.store.models import Plan, PlanRevision

router = APIRouter(prefix="/plans", tags=["plans"])
PlanPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "updated_at", "decided_at", first="-id"))]


@router.get("", summary="List the plans, newest first", responses=listed(), response_model=list[PlanOut])
async def list_plans(
    session: ReadSession,
    paging: PlanPage,
    project_id: Id | None = None,
    request_id: Id | None = None,
    state: Annotated[list[PlanState] | None, Query()] = None,
) -> Sequence[Plan]:
    query = where(sa.select(Plan), Plan, project_id=project_id, request_id=request_id, state=state)
    return await page(session, query, paging)


@router.get("/{plan_id}", summary="One plan", responses=documented(404), response_model=PlanOut)
async def read_plan(session: ReadSession, plan_id: Id) -> Plan:
    return await one(session, Plan, plan_id, "plan")


@router.patch(
    "/{plan_id}", summary="Edit a plan before you approve it", responses=documented(400, 404, 409),
    response_model=PlanOut,
)  # fmt: skip
async def patch_plan(hub: Hub, session: WriteSession, plan_id: Id, body: PlanPatch) -> Plan:
    """What does not add up is kept, and named in `faults`. What was there before is kept as a revision."""
    return await edit_plan(session, plan_id, body.version, body.changes(), hub.settings.plan_limits, OWNER)


@router.get(
    "/{plan_id}/revisions", summary="What a plan said before each edit", responses=documented(404),
    response_model=list[PlanRevisionOut],
)  # fmt: skip
async def list_revisions(session: ReadSession, plan_id: Id) -> Sequence[PlanRevision]:
    """The oldest first: that one is the PM's own. Empty where nobody edited the plan."""
    return await revisions(session, (await one(session, Plan, plan_id, "plan")).id)


@router.get("/{plan_id}/diff", summary="What changed in a plan", responses=documented(400, 404))
async def read_plan_diff(
    session: ReadSession, plan_id: Id, against: Id | None = None, revision: Id | None = None
) -> PlanDiff:
    """Against another plan of the same request (`against`, its id) or an earlier revision of this one (`revision`, the
    version it had). With neither: the PM's own words where a person edited it, else the version before."""
    return await read_diff(session, await one(session, Plan, plan_id, "plan"), against, revision)


@router.post(
    "/{plan_id}/approve", summary="Approve a plan: its tasks appear and start", responses=documented(404, 409),
    response_model=PlanOut,
)  # fmt: skip
async def approve_plan(hub: Hub, session: WriteSession, plan_id: Id, body: PlanApproveIn | None = None) -> Plan:
    """Said twice, it counts once. With `version`, a plan that was changed since you read it is not approved."""
    version = body.version if body else None
    return await decide.approve(session, plan_id, OWNER, version, hub.settings.plan_limits)


@router.post("/{plan_id}/reject", summary="Reject a plan", responses=documented(404, 409), response_model=PlanOut)
async def reject_plan(session: WriteSession, plan_id: Id, body: NoteIn | None = None) -> Plan:
    return await decide.reject(session, plan_id, OWNER, body.note if body else "")


@router.post(
    "/{plan_id}/request-changes", summary="Send a plan back to the PM with your words",
    responses=documented(404, 409), response_model=PlanOut,
)  # fmt: skip
async def request_plan_changes(session: WriteSession, plan_id: Id, body: FeedbackIn) -> Plan:
    """The PM makes the next version of it."""
    return await decide.ask_changes(session, plan_id, OWNER, body.feedback)


@router.post(
    "/{plan_id}/replan", status_code=202, summary="Have the rest of an approved plan planned anew",
    responses=documented(404, 409), response_model=PlanOut,
)  # fmt: skip
async def replan_rest(session: WriteSession, plan_id: Id, body: ReplanIn) -> Plan:
    """The PM is told the reason and how far the plan is; tasks that nobody has begun are held until you decide on what
    it answers. Approved, it stands in their place; rejected, they go on. What is done or under way is never touched."""
    return await replan(session, await decide.hold_plan(session, plan_id), body.reason, actor=OWNER)


@router.post(
    "/{plan_id}/trigger", status_code=202, summary="Run the whole pipeline of a plan", responses=documented(404, 409)
)
async def trigger_whole_plan(
    hub: Hub, session: WriteSession, plan_id: Id, body: PlanTriggerIn | None = None
) -> PlanProgress:
    """Approves it where it waits for that, and starts all its tasks that rest; the dependent ones follow. Answers how
    far it is. Said twice, it starts nothing twice."""
    plan = await trigger_plan(session, plan_id, OWNER, body.max_rounds if body else None, hub.settings.plan_limits)
    return await read_progress(session, plan)


@router.get("/{plan_id}/progress", summary="How far a plan is", responses=documented(404))
async def read_plan_progress(session: ReadSession, plan_id: Id) -> PlanProgress:
    return await read_progress(session, await one(session, Plan, plan_id, "plan"))
