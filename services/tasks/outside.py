"""A run that no orchestrator carries: a person or an agent of theirs does the work, and says how it ended.

What they say moves the task, as any move of a person does. It is a word, no evidence: it proves no criterion, and what
is behind the merge still wants merged work.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, NotFound
from services.domain.states import LIVE_RUN, RUN, RunState, TaskState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.roles.read import workflow_by_id
from services.store.models import Run, Task
from services.store.types import now
from services.tasks.allowed import check_allowed
from services.tasks.change import Change
from services.tasks.control import trigger
from services.tasks.errors import RunCarried
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.stages import enter_stage

ENDS = {"pass": RunState.PASSED, "fail": RunState.FAILED, "blocked": RunState.BLOCKED}


async def begin(
    session: AsyncSession, task_id: int, agent: str, actor: str, stage: str | None = None, change: Change | None = None
) -> Run:
    """Starts the task's stage in the hands of `agent`, by name. Raises what trigger raises, Conflict where it has to
    wait for something first."""
    run = await trigger(session, task_id, actor, stage=stage, change=change)
    task = await hold_task(session, task_id)
    if task.state != TaskState.QUEUED:
        raise Conflict(f"{task.key} is {task.state} and can't begin now.", "Look at what it waits for, then try again.")
    run.state, run.agent = RUN.check(RunState(run.state), RunState.RUNNING), agent
    run.started_at = now()
    await set_state(session, task, TaskState.RUNNING, actor=actor, run_id=run.id)
    task.current_run_id = run.id
    await log.of_task(session, "run.started", task, actor=agent, run_id=run.id, stage=run.stage, round=run.round)
    await session.flush()
    return run


async def tell(
    session: AsyncSession, run_id: str, *, actor: str, summary: str | None, result: str | None, change: Change | None,
    auto_trigger: bool = True,
) -> Run:  # fmt: skip
    """Says of a run what was done and, where nobody of the hub carries it, how it ended: pass, fail or blocked.

    Without `auto_trigger` the next stage waits for a click. Raises RunCarried for a run of an orchestrator: what that
    did is measured. Conflict for the result of a run that is over.
    """
    await log.lock(session)
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", "List them with GET /runs.")
    await session.refresh(run, with_for_update=True)
    if run.owner is not None:
        raise RunCarried(
            "An orchestrator carries this run, and what it does is measured.", "Comment on its task, or kill the run."
        )
    before = run.summary
    if summary is not None:
        run.summary = summary
    if result is None:
        await _note(session, run, actor, before)
        return run
    if RunState(run.state) not in LIVE_RUN or run.task_id is None:
        raise Conflict(f"The run is {run.state} already.", "Start another one with POST /runs.")
    task = await hold_task(session, run.task_id)
    if task.state == TaskState.PAUSED:
        raise Conflict(f"{task.key} is paused.", f"Resume it with POST /tasks/{task.id}/resume, then say it again.")
    workflow = await workflow_by_id(session, task.workflow_id)
    stage = workflow.stage(run.stage)
    if result == "pass":
        await check_allowed(session, task, workflow, workflow.after(stage.name), change)
    was = run.state
    if run.state == RunState.QUEUED:
        run.state, run.started_at = RUN.check(RunState.QUEUED, RunState.RUNNING), now()
    run.state, run.finished_at = RUN.check(RunState(run.state), ENDS[result]), now()
    run.result, run.reason = result, "told"
    await session.flush()
    await log.of_task(
        session, f"run.{run.state}", task, actor=actor, run_id=run.id, stage=run.stage, summary=run.summary,
        reason="told", round=run.round, **changed(state=(was, run.state)),
    )  # fmt: skip
    await _go_on(session, task, workflow, stage, run, change, actor, auto_trigger)
    return run


async def _note(session: AsyncSession, run: Run, actor: str, before: str) -> None:
    await log.append(
        session, "run.noted", actor=actor, project_id=run.project_id, task_id=run.task_id, run_id=run.id,
        summary=run.summary, **changed(summary=(before, run.summary)),
    )  # fmt: skip
    await session.flush()


async def _go_on(
    session: AsyncSession, task: Task, workflow: Workflow, stage: Stage, run: Run, change: Change | None, actor: str,
    auto_trigger: bool,
) -> None:  # fmt: skip
    if run.result == "blocked":
        sentence = run.summary or f"{stage.title} could not go on."
        await set_state(
            session, task, TaskState.WAITING, actor=actor, reason=WaitingReason.ANSWER, sentence=sentence, run_id=run.id
        )
        return
    back = run.result == "fail"
    if back:
        task.round += 1
    to = workflow.stage(stage.on_fail or stage.name) if back else workflow.after(stage.name)
    await enter_stage(
        session, task, workflow, to, actor=run.agent or actor, auto_trigger=auto_trigger, change=change, sent_back=back,
        run_id=run.id,
    )  # fmt: skip
