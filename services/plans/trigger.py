"""Run a plan's whole pipeline: its tasks appear if they have not yet, and all that rest begin."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict
from services.domain.states import CLOSED_TASK, PlanState, TaskState, WaitingReason
from services.events import log
from services.plans.check import DEFAULT, PlanLimits
from services.plans.decide import approve, hold_plan
from services.roles.read import workflow_by_id
from services.store.models import Plan, Task
from services.tasks.stages import enter_stage

RESTING = frozenset({TaskState.IDLE, TaskState.PAUSED})


async def trigger_plan(
    session: AsyncSession, plan_id: int, actor: str, max_rounds: int | None = None, limits: PlanLimits = DEFAULT
) -> Plan:
    """Approves a plan that waits for it, then starts its tasks that rest or wait for a click; dependent ones follow.

    They go through all their stages, also where AUTO_TRIGGER_AGENTS=false makes others wait for a click. `max_rounds`
    becomes the limit of each open task; one that had used up its rounds goes on when it has more of them now. Said
    twice, it starts nothing twice. Raises Conflict for a plan that is no longer to be carried out.
    """
    plan = await hold_plan(session, plan_id)
    if plan.state not in (PlanState.WAITING, PlanState.APPROVED):
        raise Conflict(f"This plan is {plan.state}.", "Trigger the request's newest plan, or ask for something new.")
    was = plan.state
    if plan.state == PlanState.WAITING:
        plan = await approve(session, plan_id, actor, limits=limits)
    query = sa.select(Task).where(Task.plan_id == plan.id, Task.deleted_at.is_(None), Task.state.not_in(CLOSED_TASK))
    started: list[str] = []
    for task in (await session.scalars(query.order_by(Task.number))).all():
        if max_rounds is not None:
            task.max_rounds = max_rounds
        task.flows, task.version = True, task.version + 1
        if _may_begin(task) and await _begin(session, task, actor):
            started.append(task.key)
    await log.append(
        session, "plan.triggered", actor=actor, project_id=plan.project_id, plan_id=plan.id, max_rounds=max_rounds,
        started=started, **changed(state=(was, plan.state)),
    )  # fmt: skip
    await session.flush()
    return plan


def _may_begin(task: Task) -> bool:
    if task.state == TaskState.WAITING:
        more = task.max_rounds is not None and task.round < task.max_rounds + task.counted_from
        clicked = task.waiting_reason == WaitingReason.TRIGGER
        return clicked or (task.waiting_reason == WaitingReason.ROUNDS and more)
    if task.state == TaskState.PAUSED and (task.paused_at is not None or task.current_run_id is not None):
        return False  # a person paused it or its run, which stands still and goes on when they resume it
    return TaskState(task.state) in RESTING


async def _begin(session: AsyncSession, task: Task, actor: str) -> bool:
    """Where a person is asked about a change the pipeline goes on by their word alone: POST /tasks/{id}/trigger."""
    workflow = await workflow_by_id(session, task.workflow_id)
    name = workflow.start if task.stage == workflow.backlog.name else task.stage
    if workflow.stage(name).needs_person:
        return False
    task.lost_runs, was = 0, task.state
    await enter_stage(session, task, workflow, workflow.stage(name), actor="person", auto_trigger=True)
    await log.of_task(
        session, "task.triggered", task, actor=actor, stage=name, merge=False, **changed(state=(was, task.state))
    )
    return True
