"""How a task enters a stage: queued for a run, waiting for a person, or done."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import CLOSED_TASK, ApprovalState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.reviews.findings import close_own
from services.roles.read import workflow_by_id
from services.store.models import Approval, Plan, Task, TaskDependency
from services.store.plain import Statement, run_in
from services.store.session import lacks
from services.store.types import now
from services.tasks.change import Change
from services.tasks.move import set_state
from services.tasks.ownership import is_open
from services.tasks.waiting_run import drop_waiting_runs

READ_IT = "Read what it left, and accept it or say what is missing."
_OPEN_BEFORE = Statement(
    sa.select(sa.func.count())
    .select_from(TaskDependency)
    .join(Task, Task.id == TaskDependency.blocked_by_id)
    .where(
        TaskDependency.task_id == sa.bindparam("task"),
        *[Task.state != state.value for state in CLOSED_TASK],
        Task.deleted_at.is_(None),
    )
)


async def enter_stage(
    session: AsyncSession,
    task: Task,
    workflow: Workflow,
    stage: Stage,
    *,
    actor: str,
    auto_trigger: bool,
    change: Change | None = None,
    sent_back: bool = False,
    run_id: str | None = None,
) -> None:
    """Puts the task at the stage and gives it to whoever has it next. `change` is what an approval would bind to."""
    if task.stage != stage.name:
        await log.of_task(
            session,
            "task.stage",
            task,
            actor=actor,
            run_id=run_id,
            old=task.stage,
            new=stage.name,
            sent_back=sent_back,
            **changed(stage=(task.stage, stage.name)),
        )
        await drop_waiting_runs(
            session, task, actor=actor, why=f"{task.key} went to {stage.title} before its turn came."
        )
    stand_at(task, stage)
    task.sent_back = sent_back
    if stage.name == workflow.done.name:
        await _finish(session, task, actor, run_id, auto_trigger)
    elif await has_open_dependencies(session, task):
        await set_state(session, task, TaskState.BLOCKED, actor=actor, run_id=run_id)
    elif stage.needs_person and change is not None and not await _granted(session, task, stage, change):
        await _ask(session, task, stage, change, actor, run_id)
    elif auto_trigger or task.flows or actor == "person":
        await set_state(session, task, TaskState.QUEUED, actor=actor, run_id=run_id)
    else:
        await _wait_for_click(session, task, stage, actor, run_id)


async def _wait_for_click(session: AsyncSession, task: Task, stage: Stage, actor: str, run_id: str | None) -> None:
    sentence = f"{stage.title} is ready to start: press Run."
    reason = WaitingReason.TRIGGER
    await set_state(session, task, TaskState.WAITING, actor=actor, reason=reason, sentence=sentence, run_id=run_id)


def stand_at(task: Task, stage: Stage) -> None:
    """The task's place, and the role that has it there."""
    task.stage, task.assignee_role = stage.name, stage.role


async def unblock(session: AsyncSession, *, actor: str = "scheduler", auto_trigger: bool = True) -> int:
    """Queues blocked tasks that wait for nothing that is still open; without `auto_trigger` they wait for a click, but
    for those that flow by a person's word. Answers how many."""
    open_dependency = (
        sa.select(TaskDependency.task_id).join(Task, Task.id == TaskDependency.blocked_by_id).where(is_open(Task))
    )
    ready = await session.scalars(
        sa.select(Task).where(
            Task.state == TaskState.BLOCKED, Task.deleted_at.is_(None), Task.id.not_in(open_dependency)
        )
    )
    count = 0
    for task in ready.all():
        workflow = await workflow_by_id(session, task.workflow_id)
        if task.stage == workflow.backlog.name:
            first = workflow.stage(workflow.start)
            await enter_stage(session, task, workflow, first, actor=actor, auto_trigger=auto_trigger)
        elif auto_trigger or task.flows:
            await set_state(session, task, TaskState.QUEUED, actor=actor)
        else:
            await _wait_for_click(session, task, workflow.stage(task.stage), actor, None)
        count += 1
    return count


async def _finish(session: AsyncSession, task: Task, actor: str, run_id: str | None, auto_trigger: bool) -> None:
    await set_state(session, task, TaskState.DONE, actor=actor, run_id=run_id, merged_sha=task.merged_sha)
    await session.flush()
    await close_own(session, task)
    await unblock(session, actor=actor, auto_trigger=auto_trigger)
    await finish_plan(session, task)


async def finish_plan(session: AsyncSession, task: Task) -> None:
    """Ends the plan of a task that was closed, when it was the last one open."""
    if task.plan_id is None:
        return
    left = await session.scalar(
        sa.select(sa.func.count()).where(Task.plan_id == task.plan_id, Task.state.not_in(CLOSED_TASK))
    )
    plan = await session.get(Plan, task.plan_id)
    if plan is not None and not left and plan.state == "approved":
        plan.state, plan.version = "done", plan.version + 1
        await log.append(session, "plan.done", actor="hub", project_id=task.project_id, plan_id=plan.id)


async def has_open_dependencies(session: AsyncSession, task: Task) -> bool:
    if lacks(session, "blockers", task.id):
        return False
    return bool((await run_in(session, _OPEN_BEFORE, {"task": task.id}))[0][0])


async def _granted(session: AsyncSession, task: Task, stage: Stage, change: Change) -> bool:
    """A person's word stands as long as the change is the same; another change voids it."""
    rows = await session.scalars(
        sa.select(Approval).where(
            Approval.task_id == task.id,
            Approval.stage == stage.name,
            Approval.state.in_([ApprovalState.ASKED, ApprovalState.APPROVED]),
        )
    )
    granted = False
    for approval in rows.all():
        if approval.state == ApprovalState.APPROVED and change.is_meant_by(approval):
            granted = True
        else:
            approval.state = ApprovalState.VOID
            await log.of_task(session, "approval.void", task, actor="hub", approval_id=approval.id)
    if granted or not task.merge_granted:
        return granted
    session.add(
        Approval(
            project_id=task.project_id,
            task_id=task.id,
            stage=stage.name,
            state=ApprovalState.APPROVED,
            patch_id=change.patch_id,
            base_sha=change.base_sha,
            head_sha=change.head_sha,
            diff_stat=change.stat,
            decided_at=now(),
            decided_by="person",
            note="given beforehand, when the task was triggered",
        )
    )
    await session.flush()
    return True


async def _ask(session: AsyncSession, task: Task, stage: Stage, change: Change, actor: str, run_id: str | None) -> None:
    approval = Approval(
        project_id=task.project_id,
        task_id=task.id,
        stage=stage.name,
        state=ApprovalState.ASKED,
        patch_id=change.patch_id,
        base_sha=change.base_sha,
        head_sha=change.head_sha,
        diff_stat=change.stat,
    )
    session.add(approval)
    await session.flush()
    files, merges = change.stat.get("files", 0), any(step.executor == "merge" for step in stage.steps)
    sentence = f"Approve the change ({files} files) to merge it." if files or merges else READ_IT
    await set_state(
        session,
        task,
        TaskState.WAITING,
        actor=actor,
        reason=WaitingReason.APPROVAL,
        sentence=sentence,
        run_id=run_id,
        approval_id=approval.id,
    )
    await log.of_task(session, "approval.asked", task, actor=actor, run_id=run_id, approval_id=approval.id)
