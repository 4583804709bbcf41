"""A person lets a task pass a gate that failed, and says why. What was measured stays as it was; the task goes on."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import InvalidInput, NotFound
from services.domain.states import CLOSED_TASK, FINDING, FindingState, HandoffState, RunState, TaskState
from services.domain.workflow import Stage, Workflow
from services.events import log
from services.reviews.errors import GateNotFailed
from services.reviews.results import results_of
from services.roles.read import workflow_by_id
from services.store.models import Event, Finding, GateResult, Handoff, Run, Task
from services.store.types import now
from services.tasks.allowed import check_allowed, goes_on_to
from services.tasks.change import Change
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.stages import enter_stage, stand_at
from services.tasks.stop import stop_all

OF_SCANNERS = frozenset({"findings", "findings_below"})  # rules that count what tools found
ITS_OWN = ("gate", "tests", "command")  # tools whose findings are a gate's own faults
LEFT_NOTHING = (RunState.CANCELLED, RunState.LOST, RunState.QUEUED, RunState.RUNNING)


async def override(
    session: AsyncSession, run_id: str, *, actor: str, note: str, change: Change | None, auto_trigger: bool = True
) -> Run:
    """The task goes to the stage that follows the run's; `change` is what an approval there would be about.

    Only of the newest run that a gate judged, while its task waits or was sent back; a run that mends what failed is
    stopped. The findings that made it fail are waived with the note. Said twice, it counts once. Raises InvalidInput,
    NotFound, GateNotFailed, and what a move to that stage raises.
    """
    if not note.strip():
        raise InvalidInput("Letting a gate pass needs a note.", "Say why it may pass; the note is kept and shown.")
    await log.lock(session)
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", "List them with GET /runs.")
    failed = [one for one in await results_of(session, run_id) if not one.passed]
    if failed and all(one.overridden_by for one in failed):
        return run
    if not failed or run.task_id is None:
        raise GateNotFailed(
            "The gate of this run did not fail.", "GET /runs/{id} shows each rule and what it measured."
        )
    task = await hold_task(session, run.task_id)
    workflow = await workflow_by_id(session, task.workflow_id)
    stage = workflow.stage(run.stage)
    await check_newest(session, run, task, stage)
    following = goes_on_to(task, stage, workflow)
    await stop_all(session, task, actor=actor, why=f"{actor} let {task.key} pass {stage.title}.")
    await _stand_again(session, run, task, workflow, stage)
    await check_allowed(session, task, workflow, following, change)
    for one in failed:
        one.overridden_by, one.overridden_at, one.note = actor, now(), note.strip()
    await _waive(session, run, task, failed, actor, note.strip())
    await _address(session, run, following)
    await log.of_task(
        session, "gate.overridden", task, actor=actor, run_id=run.id, stage=stage.name, new=following.name,
        rules=[one.rule for one in failed], reasons=[one.reason for one in failed], note=note.strip(),
        **changed(passed=(False, True), stage=(stage.name, following.name)),
    )  # fmt: skip
    if task.state in (TaskState.PAUSED, TaskState.BLOCKED):
        await set_state(session, task, TaskState.IDLE, actor=actor)
    await enter_stage(
        session, task, workflow, following, actor="person", auto_trigger=auto_trigger, change=change, run_id=run.id
    )
    await session.flush()
    return run


async def check_newest(session: AsyncSession, run: Run, task: Task, stage: Stage) -> None:
    """Raises GateNotFailed where what the gate of this run judged is not how the task stands now."""
    if task.state in CLOSED_TASK:
        raise GateNotFailed(f"{task.key} is {task.state}.", "Move it to a stage to open it again.")
    if task.stage not in (stage.name, stage.on_fail or stage.name):
        raise GateNotFailed(
            f"{task.key} stands at {task.stage} by now, and not where this gate sent it.", "Move it where you want it."
        )
    later = sa.select(Run.stage).where(
        Run.task_id == task.id, Run.id > run.id, sa.or_(Run.state.not_in(LEFT_NOTHING), Run.head_sha.is_not(None))
    )
    worked = await session.scalar(later.order_by(Run.id.desc()).limit(1))
    if worked is not None:
        raise GateNotFailed(
            f"{task.key} was worked on at {worked} since: the gate judged an older state of it.",
            "Let the stage run again, then decide on what its gate says then.",
        )


async def _stand_again(session: AsyncSession, run: Run, task: Task, workflow: Workflow, stage: Stage) -> None:
    """As it stood when the gate judged it: at its stage, in that round, and on its branch where rework began a new."""
    stand_at(task, stage)
    task.round, task.sent_back, task.lost_runs = run.round, False, 0
    if not workflow.is_behind_merge(stage.name):
        return
    query = sa.select(Event.data).where(Event.task_id == task.id, Event.kind == "task.merged")
    merged = await session.scalar(query.order_by(Event.seq.desc()).limit(1))
    if merged is not None and merged.get("branch"):
        task.branch, task.base_sha = merged["branch"], run.base_sha
    await session.flush()


async def _waive(
    session: AsyncSession, run: Run, task: Task, failed: Sequence[GateResult], actor: str, note: str
) -> None:
    """Later prompts shall not ask to mend them, and the same gate shall not fail by them again."""
    query = sa.select(Finding).where(
        Finding.task_id == task.id, Finding.stage == run.stage, Finding.state == FindingState.OPEN
    )
    if not OF_SCANNERS.intersection(one.rule for one in failed):
        query = query.where(Finding.tool.in_(ITS_OWN))
    for row in (await session.scalars(query)).all():
        row.state, row.note = FINDING.check(FindingState(row.state), FindingState.WAIVED), note
        await log.of_task(
            session, "finding.waived", task, actor=actor, run_id=run.id, finding_id=row.id, note=note,
            **changed(state=(FindingState.OPEN, FindingState.WAIVED)),
        )  # fmt: skip


async def _address(session: AsyncSession, run: Run, following: Stage) -> None:
    """What the run handed back goes to the stage that follows instead."""
    query = sa.select(Handoff).where(Handoff.from_run_id == run.id, Handoff.state == HandoffState.CREATED)
    handoff = await session.scalar(query)
    if handoff is not None:
        handoff.to_stage = following.name
