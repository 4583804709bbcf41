"""Carry out one step on an agent: start or find the job, follow it, keep its proofs, commit what it changed."""

import asyncio
from functools import partial
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars

from services.agents.errors import AgentBusy, AgentRefused, AgentUnreachable
from services.contract.run_result import JobState, RunResult, without_secrets
from services.contract.run_spec import RunSpec
from services.deploys.queue import CUT_OFF
from services.domain.errors import HubError
from services.models.run_tokens import issue
from services.points import Point, reached
from services.repos.worktree import Worktree
from services.store.models import Run, Task
from services.store.plain import Rows
from services.store.types import now
from services.workflows import holding
from services.workflows.bench import Bench, bench
from services.workflows.fail import note_failure
from services.workflows.in_hand import change, look_at
from services.workflows.keep import keep_proofs, keep_result
from services.workflows.patience import patient
from services.workflows.records import Step, compares, record, recorded, step_id, worktree_of
from services.workflows.report import keep_report
from services.workflows.room import is_full, to_blame
from services.workflows.write_down import WriteDown

log = structlog.get_logger()
WRITING = frozenset({"bash", "edit", "patch", "write"})
LOST_RETRIES = 5


async def carry_out(run_id: str, step: Step, spec: dict[str, Any]) -> dict[str, Any]:
    """Answers `{"stop": bool}`: whether the run's later steps make sense. All else is in the rows.

    Done again after a crash, it reattaches to the job by its id. A job that its agent lost is started again from the
    worktree as it was before the step; the gateway answers what was already paid for. So it is no step of the engine:
    what that would keep of it, the run's row has.
    """
    at_work = asyncio.create_task(_carry_out(run_id, step, spec))
    bench().at_work[run_id] = at_work
    try:
        return await at_work
    except asyncio.CancelledError:
        me = asyncio.current_task()
        if me is None or me.cancelling():
            raise
        return {"stop": True}  # let go
    finally:
        bench().at_work.pop(run_id, None)


def let_go(bench: Bench, run_id: str) -> None:
    """For a run that was stopped: it no longer follows its job, and its story ends. Nothing is done to the job."""
    if at_work := bench.at_work.get(run_id):
        at_work.cancel()


@patient
async def _carry_out(run_id: str, step: Step, spec: dict[str, Any]) -> dict[str, Any]:
    seen = await look_at(run_id)
    if not seen.is_current:
        return {"stop": True}
    run = seen.run
    done = recorded(run).get(step_id(step), {})
    if done.get("finished_at"):
        return {"stop": _stops(step, done["outcome"])}
    worktree = worktree_of(run, seen.task) if _edits(step) else None
    mine = run.details.get("carried_by") == bench().owner
    before = await _before(run_id, step, worktree)
    after = done.get("after_incarnation", 0)
    full = _with_token(spec, run_id, after)
    bind_contextvars(run_id=run_id, step=full.step, task=full.task_key)
    begun, again = bool(mine and done.get("started_at")), not mine or after > 0
    result = without_secrets(await _until_known(run_id, step, full, worktree, before, begun=begun, again=again))
    await reached(Point.JOB_KNOWN, full.step)
    if disk := to_blame(result, bench().settings.home, bench().settings.disk_bytes):
        await note_failure(run_id, step, disk)
        return {"stop": True}
    commit = None
    if worktree is not None and result.outcome == "completed":
        trailers = {"Task": full.task_key, "Run": run_id, "Step": full.step}
        try:
            commit = await bench().repos.commit_all(worktree, _message(spec), trailers)
        except HubError as error:
            if is_full(error):
                raise  # waited out
            await note_failure(run_id, step, error)
            return {"stop": True}
    elif worktree is not None and before is not None:
        await bench().repos.restore(worktree, before, run_id)
    if commit is not None:
        await reached(Point.CHANGE_COMMITTED, full.step)
    proofs = [*await keep_proofs(run_id, step, result), *await keep_report(step, result)]
    await reached(Point.PROOFS_KEPT, full.step)
    await keep_result(run_id, step, spec, result, proofs, commit)
    await reached(Point.RESULT_KEPT, full.step)
    return {"stop": _stops(step, result.outcome)}


async def begin(run_id: str, step: Step, spec: dict[str, Any]) -> None:
    """Starts the job of a run's first step, which nobody has started before; `carry_out` then follows it."""
    full = _with_token(spec, run_id)

    async def start() -> None:
        await reached(Point.JOB_WANTED, full.step)
        await _started(run_id, step, full, await bench().agent.start(full))

    await holding.begin_now(run_id, start)


def _edits(step: Step) -> bool:
    """Whether what the step leaves in the worktree is committed, or taken back where it failed."""
    return step["executor"] == "aider" or (
        step["executor"] == "tools" and bool(WRITING.intersection(step.get("tools", ())))
    )


def _stops(step: Step, outcome: str) -> bool:
    return outcome != "completed" and not (outcome == "failed" and compares(step))


def _with_token(spec: dict[str, Any], run_id: str, after_incarnation: int = 0) -> RunSpec:
    """The token is added here and not where the spec is described: what the engine keeps holds no secret. So is the
    gateway's address: a run that waited for money may go on after the hub moved."""
    settings = bench().settings
    if spec.get("model"):
        token = issue(settings.secret_key.get_secret_value(), run_id, spec["step"])
        spec = {**spec, "model": {**spec["model"], "token": token, "gateway_url": settings.gateway_url}}
    return RunSpec.model_validate({**spec, "after_incarnation": after_incarnation})


def _message(spec: dict[str, Any]) -> str:
    return f"{spec['task_key']}: {spec['role']} {spec['step']}".strip()


async def _before(run_id: str, step: Step, worktree: Worktree | None) -> str | None:
    """The commit to go back to when this step has to be done again; remembered before anything is changed."""
    if worktree is None:
        return None
    if step["index"] == 0:
        return worktree.head
    known = recorded((await look_at(run_id)).run).get(step_id(step), {}).get("before")
    if known:
        return known
    head = await bench().repos.head(worktree.project_id, worktree.branch)
    await change(run_id, lambda _rows, run, _task: record(run, step, before=head))
    return head


async def _until_known(
    run_id: str, step: Step, spec: RunSpec, worktree: Worktree | None, before: str | None, *, begun: bool, again: bool
) -> RunResult:
    """The job's result. What is away is waited for; what was lost is done again, a bounded number of times."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + bench().settings.agent_wait_seconds
    lost, pause = 0, 0.1
    while True:
        try:
            if not begun and again and step.get("once") and (cut := await _cut_off(run_id, spec)) is not None:
                return cut
            if not begun:
                start = partial(_start, run_id, step, spec, worktree, before, again)
                if await holding.begin(run_id, start) is None:
                    return RunResult(outcome="cancelled")  # while it stood still
                deadline = loop.time() + bench().settings.agent_wait_seconds  # it is there
            begun, again = False, True
            state = await _follow(run_id, spec)
            if state.result is not None and state.result.outcome != "lost":
                return state.result
            lost += 1
            if lost > LOST_RETRIES:
                return state.result or _lost("The agent was interrupted again and again while it did this step.")
            log.warning("job.lost", run_id=run_id, step=spec.step, state=state.state, again=lost)
            await asyncio.sleep(min(2.0, 0.2 * lost))
        except (AgentUnreachable, AgentBusy) as error:
            again = True
            if loop.time() > deadline and not await holding.is_covered(run_id):
                return _lost(str(error))
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 1.5)
        except AgentRefused as error:
            return RunResult(outcome="failed", reason="bad_spec", sentence=str(error))


async def _cut_off(run_id: str, spec: RunSpec) -> RunResult | None:
    """For a step whose effects reach beyond the worktree: what its agent lost in the middle is not begun again."""
    state = await bench().agent.state(run_id, spec.step)
    if state is None:
        known = recorded((await look_at(run_id)).run).get(spec.step, {}).get("started_at")
        return _interrupted() if known else None
    return _interrupted() if state.state == "interrupted" or _was_lost(state) else None


def _interrupted() -> RunResult:
    return RunResult(outcome="failed", reason="deploy_interrupted", sentence=CUT_OFF)


def _lost(sentence: str) -> RunResult:
    return RunResult(outcome="lost", reason="agent_unreachable", sentence=sentence)


async def _start(
    run_id: str, step: Step, spec: RunSpec, worktree: Worktree | None, before: str | None, again: bool
) -> bool:
    """Starts the job unless it runs or has ended. `again`: it may be there, and may have left half an edit."""
    state = await bench().agent.state(run_id, spec.step) if again else None
    ended = state is not None and state.state == "finished" and state.incarnation <= spec.after_incarnation
    if state is not None and not (state.state == "interrupted" or _was_lost(state) or ended):
        return True
    if again and worktree is not None and before is not None:
        await bench().repos.restore(worktree, before, run_id)
    await reached(Point.JOB_WANTED, spec.step)
    state = await bench().agent.start(spec)
    await _started(run_id, step, spec, state)
    return True


async def _follow(run_id: str, spec: RunSpec) -> JobState:
    """Writes the job's events down, those of an ended one too, and answers its state when it is over."""
    agent = bench().agent
    after = await asyncio.to_thread(bench().output.last_seq, run_id, spec.step)
    await reached(Point.JOB_FOLLOWED, spec.step)
    async with WriteDown(run_id, spec.step) as lines:
        async for event in agent.events(run_id, spec.step, after):
            await lines.add(event)
    ended = await agent.state(run_id, spec.step)
    if ended is None or ended.state == "running":
        raise AgentUnreachable("The agent broke off the stream of events.", "It is asked again.")
    return ended


def _was_lost(state: JobState) -> bool:
    return state.result is not None and state.result.outcome == "lost"


async def _started(run_id: str, step: Step, spec: RunSpec, state: JobState) -> None:
    """Writes down that the job runs. One of a run that was stopped meanwhile is ended: nobody else knows of it."""
    await reached(Point.JOB_ASKED, spec.step)

    def note(_rows: Rows, run: Run, _task: Task | None) -> None:
        run.job_started_at = run.job_started_at or state.started_at
        run.model = spec.model.model if spec.model else run.model
        record(run, step, started_at=now().isoformat(), incarnation=state.incarnation)

    if not await change(run_id, note):
        await bench().agent.cancel(run_id, spec.step)
