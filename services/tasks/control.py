"""A person's word to begin and to stop: start a task, kill a run."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.states import LIVE_RUN, REQUEST, RequestState, RunState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.questions.void import void_of_task
from services.roles.read import workflow_by_id
from services.store.models import Request, Run, Task
from services.tasks.allowed import check_allowed
from services.tasks.change import Change
from services.tasks.errors import TransitionRefused
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.rework import begin_anew
from services.tasks.stages import enter_stage
from services.tasks.stop import stop_run, void_questions
from services.tasks.waiting_run import queue_run, waiting_run


async def trigger(
    session: AsyncSession,
    task_id: int,
    actor: str,
    stage: str | None = None,
    merge: bool = False,
    change: Change | None = None,
) -> Run:
    """Starts the task from its stage, or from the one named; answers the run, which begins when its turn comes.

    `merge` is the person's approval, given beforehand; together with `stage` it means this stage and its gate alone,
    then the merge. `change` is what an approval would be asked about, where the stage needs one.
    """
    task = await hold_task(session, task_id)
    await refuse_while_restoring(session, task)
    if task.state in (TaskState.RUNNING, TaskState.QUEUED):
        raise Conflict(f"{task.key} is {task.state} already.", "Wait for it, or kill its run first.")
    if task.state in (TaskState.DONE, TaskState.CANCELLED):
        raise Conflict(f"{task.key} is {task.state}.", "Move it to a stage to open it again, or make a new task.")
    if task.paused_at is not None or (task.state == TaskState.PAUSED and task.current_run_id is not None):
        raise Conflict(
            f"{task.key} is paused by {task.paused_by or 'its run'}.",
            f"Resume it with POST /tasks/{task.id}/resume. To begin anew, kill its run first.",
        )
    workflow = await workflow_by_id(session, task.workflow_id)
    chosen = start_of(workflow, task, stage)
    await check_allowed(session, task, workflow, chosen, change)
    if merge and stage is not None and workflow.merging is not None and not chosen.lets_go_to(workflow.merging.name):
        raise TransitionRefused(
            f"The workflow {workflow.name} does not let a task go from {chosen.title} to {workflow.merging.title}.",
            "Trigger it without a stage: it is merged when it has gone through all of them.",
        )
    was = task.state
    await begin_anew(session, task, workflow, chosen, actor=actor)
    task.merge_granted = task.merge_granted or merge
    task.merge_after = chosen.name if merge and stage is not None else None
    task.lost_runs = 0
    await void_of_task(session, task.id, actor=actor, why=f"It was run again by {actor}, without an answer.")
    if task.waiting_reason == WaitingReason.ROUNDS:
        task.round, task.counted_from = 1, 0  # the person asked for more: the count of rounds starts anew
    await enter_stage(session, task, workflow, chosen, actor="person", auto_trigger=True, change=change)
    run = await queue_run(session, task, chosen, actor=actor)
    told = {"run_id": run.id, "stage": chosen.name, "merge": merge, **changed(state=(was, task.state))}
    await log.of_task(session, "task.triggered", task, actor=actor, **told)
    return run


def start_of(workflow: Workflow, task: Task, stage: str | None) -> Stage:
    """Where a task starts: the named stage, its own, or from the backlog the one that follows."""
    if stage is None:
        return workflow.after(task.stage) if task.stage == workflow.backlog.name else workflow.stage(task.stage)
    if not workflow.has(stage) or stage in (workflow.backlog.name, workflow.done.name):
        names = ", ".join(s.name for s in workflow.stages[1:-1])
        raise InvalidInput(f"A task can't be started at the stage {stage}.", f"Choose one of: {names}.")
    return workflow.stage(stage)


async def kill_run(session: AsyncSession, run_id: str, actor: str) -> Run:
    """Ends a live run; its record stays. Its task is paused, its request can be asked again."""
    await log.lock(session)
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", "List them with GET /runs.")
    await session.refresh(run, with_for_update=True)
    if RunState(run.state) not in LIVE_RUN:
        raise Conflict(f"The run is {run.state} already.", "There is nothing to stop.")
    task = await session.get(Task, run.task_id) if run.task_id is not None else None
    mine = task is not None and (task.current_run_id == run.id or await waiting_run(session, task) is run)
    await stop_run(session, run, actor=actor, why=f"Stopped by {actor}.")
    if task is not None and mine:
        await void_questions(session, task, actor=actor, why="Its run was stopped.")
        await set_state(
            session, task, TaskState.PAUSED, actor=actor, sentence="Its run was stopped. Run it again or move it."
        )
    if run.request_id is not None:
        await _give_back(session, run, actor)
    return run


async def _give_back(session: AsyncSession, run: Run, actor: str) -> None:
    """A request whose planning was stopped is nobody's: a person has to know."""
    request = await session.get_one(Request, run.request_id)
    if request.run_id != run.id or request.state not in (RequestState.PLANNING, RequestState.NEW):
        return
    was, request.state = request.state, REQUEST.check(RequestState(request.state), RequestState.FAILED)
    request.sentence, request.version = "Its planning was stopped. Ask again, or close it.", request.version + 1
    await log.append(
        session, "request.failed", actor=actor, project_id=request.project_id, run_id=run.id, request_id=request.id,
        sentence=request.sentence, **changed(state=(was, request.state)),
    )  # fmt: skip
