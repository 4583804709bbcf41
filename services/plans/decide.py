"""A person's word on a plan: approve it and its tasks appear, ask for changes, or reject it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import AlreadyDecided, Conflict, NotFound
from services.domain.states import PLAN, REQUEST, PlanState, RequestState
from services.events import log
from services.plans.check import DEFAULT, PlanLimits, faults
from services.plans.drafts import PlanDraft
from services.plans.replan import give_up_rest, kept_keys, release_rest
from services.questions.read import answers_on_plan
from services.questions.void import void_of_plan
from services.roles.read import workflow_by_id
from services.store.models import Plan, Request, Task
from services.store.types import now
from services.tasks.create import create_task
from services.tasks.dependencies import add_dependencies
from services.tasks.stages import enter_stage, has_open_dependencies


async def hold_plan(session: AsyncSession, plan_id: int) -> Plan:
    """The plan, which nobody else changes before this transaction ends."""
    await log.lock(session)  # before the row: a settling run that ends the plan takes the two in this order
    plan = await session.get(Plan, plan_id, with_for_update=True)
    if plan is None:
        raise NotFound(f"There is no plan with id {plan_id}.")
    return plan


async def _decide(session: AsyncSession, plan: Plan, state: PlanState, actor: str, note: str = "") -> None:
    """Raises AlreadyDecided for a plan that does not wait any more."""
    if plan.state != PlanState.WAITING and plan.decided_at is not None:
        raise AlreadyDecided.of("The plan", plan.state, plan.decided_by, plan.decided_at)
    was, plan.state = plan.state, PLAN.check(PlanState(plan.state), state)
    plan.decided_by = actor
    plan.decided_at, plan.version, plan.updated_at = now(), plan.version + 1, now()
    plan.feedback = note or plan.feedback
    await void_of_plan(session, plan.id, actor=actor, why=f"The plan was {state.value.replace('_', ' ')}.")
    await log.append(
        session, f"plan.{state}", actor=actor, project_id=plan.project_id, plan_id=plan.id, note=note,
        plan_version=plan.version - 1, **changed(state=(was, state)),
    )  # fmt: skip


async def approve(
    session: AsyncSession, plan_id: int, actor: str, version: int | None = None, limits: PlanLimits = DEFAULT
) -> Plan:
    """Makes the plan's tasks in this transaction and starts them. Done twice, they are made once.

    `version` is the one that the person read. Raises Conflict where the plan has changed since, and where it can't be
    carried out.
    """
    plan = await hold_plan(session, plan_id)
    if plan.state in (PlanState.APPROVED, PlanState.DONE):
        return plan
    if version is not None and plan.version != version:
        raise Conflict(
            "The plan was changed since you read it.", "Read it again, and approve what it says now.",
            version=plan.version,
        )  # fmt: skip
    draft = PlanDraft.model_validate(plan.body)
    kept = await kept_keys(session, plan.replaces_id)
    if wrong := faults(draft, limits, kept):
        raise Conflict(f"The plan can't be carried out: {wrong[0]}", "Edit it or ask for changes.", faults=wrong)
    await _decide(session, plan, PlanState.APPROVED, actor)
    if plan.replaces_id is not None:
        await give_up_rest(session, plan.replaces_id, actor=actor)
    made: dict[str, Task] = {}
    for item in draft.tasks:
        made[item.id] = await create_task(
            session,
            plan.project_id,
            title=item.title,
            description=item.description,
            kind=item.kind,
            priority=item.priority,
            size=item.size,
            criteria=[(c.text, c.check) for c in item.criteria],
            files=item.files,
            created_by="pm",
            plan_id=plan.id,
            plan_item=item.id,
        )
    await _link_and_start(session, draft, made, kept)
    return plan


async def _link_and_start(session: AsyncSession, draft: PlanDraft, made: dict[str, Task], kept: dict[str, int]) -> None:
    for item in draft.tasks:
        await add_dependencies(session, made[item.id], [_id_of(other, made, kept) for other in item.depends_on])
    for item in draft.tasks:
        task = made[item.id]
        workflow = await workflow_by_id(session, task.workflow_id)
        # a task with open dependencies stays in the backlog, blocked
        waits = bool(item.depends_on) and await has_open_dependencies(session, task)
        stage = workflow.backlog if waits else workflow.stage(workflow.start)
        await enter_stage(session, task, workflow, stage, actor="person", auto_trigger=True)


def _id_of(name: str, made: dict[str, Task], kept: dict[str, int]) -> int:
    return made[name].id if name in made else kept[name]


async def ask_changes(session: AsyncSession, plan_id: int, actor: str, feedback: str) -> Plan:
    """Sends the plan back to the PM with the person's words, what they answered to its questions too; the next version
    answers them."""
    plan = await hold_plan(session, plan_id)
    if plan.state == PlanState.CHANGES_ASKED and plan.feedback.endswith(feedback):
        return plan  # said twice
    answers = await answers_on_plan(session, plan_id)
    await _decide(session, plan, PlanState.CHANGES_ASKED, actor, "\n\n".join([*answers, feedback]))
    request = await session.get_one(Request, plan.request_id)
    request.state = REQUEST.check(RequestState(request.state), RequestState.NEW)
    return plan


async def reject(session: AsyncSession, plan_id: int, actor: str, note: str) -> Plan:
    """Closes its request; one that planned the rest of an approved plan anew leaves that as it was, which goes on.
    Said twice, it counts once. Raises AlreadyDecided where somebody decided otherwise before."""
    plan = await hold_plan(session, plan_id)
    if plan.state == PlanState.REJECTED and note in ("", plan.feedback):
        return plan
    await _decide(session, plan, PlanState.REJECTED, actor, note)
    if plan.replaces_id is not None:
        await release_rest(session, plan.replaces_id, actor=actor)
        return plan
    request = await session.get_one(Request, plan.request_id)
    request.state = REQUEST.check(RequestState(request.state), RequestState.CLOSED)
    return plan
