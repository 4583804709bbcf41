"""A person's hand on a task: start it, stop its run."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.states import LIVE_RUN, RUN, RunState, TaskState, WaitingReason
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Run, Task
from services.store.types import now
from services.tasks.move import set_state
from services.tasks.stages import enter_stage


async def get_task(session: AsyncSession, task_id: int) -> Task:
    task = await session.get(Task, task_id)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {task_id}.")
    return task


async def trigger(
    session: AsyncSession, task_id: int, actor: str, stage: str | None = None, merge: bool = False
) -> Task:
    """Starts the task from its stage, or from the one named. `merge` is the person's approval, given beforehand."""
    task = await get_task(session, task_id)
    if task.state in (TaskState.RUNNING, TaskState.QUEUED):
        raise Conflict(f"{task.key} is {task.state} already.", "Wait for it, or kill its run first.")
    if task.state in (TaskState.DONE, TaskState.CANCELLED):
        raise Conflict(f"{task.key} is {task.state}.", "Make a new task for more work.")
    workflow = await workflow_by_id(session, task.workflow_id)
    if stage is not None and (not workflow.has(stage) or stage in (workflow.backlog.name, workflow.done.name)):
        names = ", ".join(s.name for s in workflow.stages[1:-1])
        raise InvalidInput(f"A task can't be started at the stage {stage}.", f"Choose one of: {names}.")
    if stage is None:
        stage = workflow.after(task.stage).name if task.stage == workflow.backlog.name else task.stage
    task.merge_granted = task.merge_granted or merge
    task.lost_runs = 0
    if task.waiting_reason == WaitingReason.ROUNDS:
        task.round = 1  # the person asked for more: the count of rounds starts anew
    await enter_stage(session, task, workflow, workflow.stage(stage), actor="person", auto_trigger=True)
    await log.append(
        session, "task.triggered", actor=actor, project_id=task.project_id, task_id=task.id, stage=stage, merge=merge
    )
    return task


async def kill_run(session: AsyncSession, run_id: str, actor: str) -> Run:
    """Ends a live run; its record stays. The orchestrator that carries it sees the row and stops the agent."""
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    if RunState(run.state) not in LIVE_RUN:
        raise Conflict(f"The run is {run.state} already.", "There is nothing to stop.")
    run.state = RUN.check(RunState(run.state), RunState.CANCELLED)
    run.finished_at, run.reason, run.summary = now(), "killed", f"Stopped by {actor}."
    await log.append(
        session, "run.cancelled", actor=actor, project_id=run.project_id, task_id=run.task_id, run_id=run.id
    )
    if run.task_id is not None:
        task = await get_task(session, run.task_id)
        if task.current_run_id == run.id:
            await set_state(
                session, task, TaskState.PAUSED, actor=actor, sentence="Its run was stopped. Run it again or move it."
            )
    return run
