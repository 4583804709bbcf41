"""Last step of a run: ask the gate, and give the task to whoever has it next. One transaction, and only once."""

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.asking import AskedQuestion, Wanted
from services.deploys.queue import owed
from services.domain.states import RUN, RunState, TaskState
from services.domain.workflow import Stage, Workflow
from services.events import log as events
from services.pauses.clock import goes_on
from services.points import Point, reached
from services.pushes.queue import queue_push
from services.questions.ask import ask
from services.reviews import mended
from services.reviews.criteria import BY_PERSON
from services.reviews.gate import Verdict, judge
from services.reviews.mended import Looked
from services.reviews.results import keep_results
from services.roles.read import workflows_of
from services.store.models import Criterion, Run, Task
from services.store.types import now
from services.tasks.change import Change, read_change
from services.tasks.move import set_state
from services.tasks.stages import enter_stage, stand_at
from services.workflows import criteria_answers, holding, stage_facts
from services.workflows.bench import bench
from services.workflows.books import Entry
from services.workflows.ending import Ending, ending_of
from services.workflows.filing import keep_findings, looked_at
from services.workflows.handing import hand_over
from services.workflows.in_hand import is_current, look_at
from services.workflows.making import make, wanted_in
from services.workflows.patience import patient
from services.workflows.prepare import prepare_at_once
from services.workflows.records import recorded, result_of
from services.workflows.stalls import stalled_before

log = structlog.get_logger()
CALM_SECONDS = 0.1
PAUSED = "paused"  # what is no state of a run: its end waits
FOLDED_FROM_ROUND = 2  # a task that goes straight through has few handoffs


@patient
async def settle_stage(run_id: str) -> str:
    """Ends the run and moves its task. Answers the run's final state, or superseded. A paused one is not ended.

    No step of the engine: its one transaction changes a live run only, so done again it finds nothing to do.
    """
    await holding.until_going(run_id)
    seen = await look_at(run_id)
    run, task = seen.run, seen.task
    if not seen.is_current or task is None:
        return run.state if run.finished_at else "superseded"
    async with bench().db.read() as session:
        workflow = (await workflows_of(session, [task.workflow_id]))[task.workflow_id]
    stage = workflow.stage(run.stage)
    facts = await stage_facts.collect(run, task, stage.gate, task.last_round(workflow.rounds))
    verdict = judge(stage.gate, facts)
    ending = ending_of(run, task, stage, workflow, verdict, stalled_before=await stalled_before(run))
    ending = await looked_at(run, task, verdict, ending)
    looked = await _comments_looked_at(run, task) if ending.by_gate and run.round > 1 and run.head_sha else []
    change = await change_of(run, task) if ending.goes_to and workflow.stage(ending.goes_to).needs_person else None
    await reached(Point.SETTLE_JUDGED, stage.name)
    ended = _Ended(run_id, workflow, stage, verdict, ending, change, questions_of(run), wanted_in(run), looked)
    points = Point.SETTLE_WRITTEN, Point.SETTLE_COMMITTED
    with bench().doorbell.settling():
        state = await bench().books.write(Entry(ended.write, run_id, prepare_at_once, points, stage.name))
    if state == PAUSED:
        return await settle_stage(run_id)
    if state == "superseded":
        return state
    if change is not None:
        bench().doorbell.foresee(run_id)
    if ending.goes_to and run.round >= FOLDED_FROM_ROUND and bench().settings.fold_by_model:
        bench().doorbell.fold(run_id)
    log.info("run.settled", run_id=run_id, task=task.key, stage=run.stage, state=state, reasons=verdict.reasons)
    return state


@dataclass(frozen=True)
class _Ended:
    """A run that was judged, and what follows."""

    run_id: str
    workflow: Workflow
    stage: Stage
    verdict: Verdict
    ending: Ending
    change: Change | None
    asked: list[AskedQuestion]
    wanted: list[Wanted]
    looked: list[Looked]

    async def write(self, session: AsyncSession) -> str:
        run = await session.get_one(Run, self.run_id)
        task = await session.get_one(Task, run.task_id)
        if not is_current(run, task):
            return "superseded"
        if await holding.has_to_stand(session, run.id):
            return PAUSED
        await _write(session, run, task, self.workflow, self.stage, self.verdict, self.ending, self.change, self.wanted)
        await ask(session, run, self.asked, task=task)
        await mended.note(session, run, task, self.looked)
        run.finished_at = now()
        return run.state


async def _comments_looked_at(run: Run, task: Task) -> list[Looked]:
    """Of what a person commented on the change, what this run changed."""
    async with bench().db.read() as session:
        rows = await mended.open_comments(session, task.id)
    return await mended.look(bench().repos, run.project_id, rows, run.head_sha or "", run.round) if rows else []


def questions_of(run: Run) -> list[AskedQuestion]:
    """What a step of the run asks a person; nothing where none does."""
    results = [result_of(entry) for entry in recorded(run).values() if entry.get("outcome") == "asked"]
    return [question for result in results if result for question in result.questions]


async def change_of(run: Run, task: Task) -> Change:
    """What an approval of this task's branch would be about."""
    return await read_change(bench().repos, run.project_id, run.base_sha or "", task.branch or "")


async def _write(
    session: AsyncSession,
    run: Run,
    task: Task,
    workflow: Workflow,
    stage: Stage,
    verdict: Verdict,
    ending: Ending,
    change: Change | None,
    wanted: list[Wanted],
) -> None:
    run.state = RUN.check(RunState(run.state), ending.state)
    goes_on(run)
    run.result, run.reason, run.summary = ending.result, ending.reason, ending.sentence
    await _note_merge(session, run, task, workflow)
    if ending.by_gate:  # a run that broke off has looked at nothing
        await _note_criteria(session, run, verdict)
    await criteria_answers.apply(session, run, task)
    await keep_findings(session, run, task, verdict, ending)
    if ending.by_gate:
        await keep_results(session, run.id, verdict.rules)
    await events.of_run(
        session,
        f"run.{ending.state}",
        run,
        task,
        round=run.round,
        seconds=_seconds(run),
        summary=run.summary,
        reason=ending.reason,
        reasons=list(verdict.reasons) if ending.judged else [],
        notes=list(verdict.notes),
    )
    if ending.state is not RunState.LOST:  # it is done again
        await make(session, run, task, wanted)
    await hand_over(session, run, task, ending)
    await _move(session, run, task, workflow, ending, change)


async def _move(
    session: AsyncSession, run: Run, task: Task, workflow: Workflow, ending: Ending, change: Change | None
) -> None:
    actor = run.role or "hub"
    task.lost_runs = task.lost_runs + 1 if ending.state is RunState.LOST else 0
    if ending.new_round:
        task.round += 1
    if ending.new_branch:
        task.branch, task.base_sha, task.branch_number = ending.carried_to, None, task.branch_number + 1
    if ending.new_base:
        task.base_sha = ending.new_base
    if ending.waits is not None:
        await set_state(
            session, task, TaskState.WAITING, actor=actor, reason=ending.waits, sentence=ending.sentence, run_id=run.id
        )
        if ending.goes_to:
            stand_at(task, workflow.stage(ending.goes_to))
    elif ending.goes_to is None:
        at = bench().settings.backoff.at(task.lost_runs)
        await set_state(session, task, TaskState.QUEUED, actor=actor, run_id=run.id, retry_at=at)
        bench().doorbell.ring_at(at)
    else:
        await enter_stage(
            session,
            task,
            workflow,
            workflow.stage(ending.goes_to),
            actor=actor,
            auto_trigger=bench().settings.auto_trigger,
            change=change,
            sent_back=ending.new_round,
            run_id=run.id,
        )


async def _note_merge(session: AsyncSession, run: Run, task: Task, workflow: Workflow) -> None:
    merged: dict[str, Any] | None = next((e["merged"] for e in recorded(run).values() if e.get("merged")), None)
    if merged is None:
        return
    task.merged_sha, task.merged_at, task.merge_after = merged["commit"], now(), None
    await events.of_task(
        session, "task.merged", task, actor="hub", run_id=run.id, commit=merged["commit"], branch=task.branch
    )
    await queue_push(session, task, merged["commit"])
    if not any(stage.deploys for stage in workflow.stages):
        await owed(session, task, merged["commit"])


async def _note_criteria(session: AsyncSession, run: Run, verdict: Verdict) -> None:
    proof = next((p for e in recorded(run).values() if e["executor"] == "command" for p in e.get("proofs", [])), None)
    for criterion in verdict.criteria:
        row = await session.get_one(Criterion, criterion.criterion_id)
        if criterion.how == BY_PERSON:
            continue
        row.met = None if criterion.how is None else criterion.met
        row.how, row.evidence, row.place, row.run_id = criterion.how, criterion.evidence, criterion.place, run.id
        row.proof_id = criterion.proof_id or (proof if criterion.proven else None)
        row.version += 1


def _seconds(run: Run) -> float:
    return round((now() - run.started_at).total_seconds() - run.paused_seconds, 3) if run.started_at else 0.0
