"""A person has the PM plan the rest of a plan anew. What is done or under way is never touched."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput
from services.domain.states import CLOSED_TASK, REQUEST, PlanState, RequestState, TaskState
from services.events import log
from services.plans.tries import last_plan
from services.roles.read import workflow_by_id
from services.store.models import Plan, Request, Run, Task
from services.tasks.closing import give_up
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.stages import enter_stage, has_open_dependencies

HELD = "The rest of its plan is being planned anew; it is held until you have decided on that."
NOT_BEGUN = (TaskState.IDLE, TaskState.BLOCKED, TaskState.QUEUED)


async def replan(session: AsyncSession, plan: Plan, reason: str, *, actor: str) -> Plan:
    """Sends the request back to the PM with the reason and how far the plan is; its tasks that nobody began are held.

    `plan` is held by this transaction. Raises Conflict where nothing is left, or it is planned anew already.
    """
    if not reason.strip():
        raise InvalidInput("Planning anew needs a reason.", "Say what is different now.")
    if plan.state != PlanState.APPROVED:
        raise Conflict(f"This plan is {plan.state}.", "Only an approved plan with work left is planned anew.")
    rest = await not_begun(session, plan.id)
    if not rest:
        raise Conflict(
            "Every task of this plan has begun or is over: there is nothing left to plan anew.",
            "Ask for what is missing with a new request, or edit the tasks.",
        )
    request = await session.get_one(Request, plan.request_id)
    newest = await last_plan(session, request.id)
    if request.state != RequestState.PLANNED or (newest is not None and newest.state == PlanState.WAITING):
        raise Conflict("The rest of this plan is being planned anew already.", "Decide on that plan first.")
    was = request.state
    request.state, request.version = REQUEST.check(RequestState(was), RequestState.NEW), request.version + 1
    plan.feedback, plan.version = reason.strip(), plan.version + 1
    for task in rest:
        held = await hold_task(session, task.id)
        if held.state in (TaskState.BLOCKED, TaskState.QUEUED):
            await set_state(session, held, TaskState.IDLE, actor=actor, sentence=HELD)
    await log.append(
        session, "plan.replan", actor=actor, project_id=plan.project_id, plan_id=plan.id, request_id=request.id,
        reason=reason.strip(), held=[task.key for task in rest], **changed(request=(was, request.state)),
    )  # fmt: skip
    await session.flush()
    return plan


async def not_begun(session: AsyncSession, plan_id: int) -> Sequence[Task]:
    """The plan's tasks that no agent has worked on."""
    begun = sa.exists().where(Run.task_id == Task.id, Run.started_at.is_not(None))
    query = sa.select(Task).where(
        Task.plan_id == plan_id, Task.deleted_at.is_(None), Task.state.in_(NOT_BEGUN), Task.branch.is_(None), ~begun
    )
    return (await session.scalars(query.order_by(Task.id))).all()


async def replaced_by(session: AsyncSession, request_id: int) -> Plan | None:
    """The approved plan whose rest a new plan of this request stands for."""
    query = sa.select(Plan).where(Plan.request_id == request_id, Plan.state == PlanState.APPROVED)
    return await session.scalar(query.order_by(Plan.number.desc()).limit(1))


async def kept_keys(session: AsyncSession, plan_id: int | None) -> dict[str, int]:
    """Of the plan that is replaced: the tasks under way, which new ones may wait for, by key; those done too, for one
    may be done while the new plan waits for its approval."""
    if plan_id is None:
        return {}
    rest = {task.id for task in await not_begun(session, plan_id)}
    kept = sa.select(Task.key, Task.id).where(
        Task.plan_id == plan_id, Task.deleted_at.is_(None), Task.state != TaskState.CANCELLED
    )
    return {key: number for key, number in await session.execute(kept) if number not in rest}


async def give_up_rest(session: AsyncSession, plan_id: int, *, actor: str) -> None:
    """The new plan stands in the place of what nobody began."""
    for task in await not_begun(session, plan_id):
        held = await hold_task(session, task.id)
        await give_up(session, held, "replaced", actor=actor, note="Its plan was made anew without it.")


async def release_rest(session: AsyncSession, plan_id: int, *, actor: str) -> None:
    """It stays with the old plan: what was held goes on."""
    for task in await not_begun(session, plan_id):
        held = await hold_task(session, task.id)
        if held.state == TaskState.IDLE and held.waiting_sentence == HELD:
            workflow = await workflow_by_id(session, held.workflow_id)
            stage = workflow.stage(held.stage)
            if stage is workflow.backlog and not await has_open_dependencies(session, held):
                stage = workflow.stage(workflow.start)
            await enter_stage(session, held, workflow, stage, actor="person", auto_trigger=True)


async def standing(session: AsyncSession, plan_id: int) -> str:
    """How far the plan is, for the PM."""
    rest = {task.id for task in await not_begun(session, plan_id)}
    query = sa.select(Task).where(Task.plan_id == plan_id, Task.deleted_at.is_(None)).order_by(Task.id)
    lines = list[str]()
    for task in (await session.scalars(query)).all():
        how = "not begun, replaced by your plan" if task.id in rest else str(task.state)
        if task.id not in rest and task.state not in CLOSED_TASK:
            how = f"under way at {task.stage}"
        lines.append(f"- {task.key} {task.title}: {how}")
    return "\n".join(lines)
