"""Runs that do not end by themselves: stopped by a person, or broken by a fault of the hub."""

import asyncio

import sqlalchemy as sa
import structlog
from dbos import DBOS

from services.agents.errors import AgentRefused, AgentUnreachable
from services.domain.errors import HubError
from services.domain.states import LIVE_RUN, RUN, RunState, TaskState, WaitingReason
from services.events import log as events
from services.roles.read import workflow_by_id
from services.store.models import Request, Run, Task
from services.store.types import now
from services.tasks.move import set_state
from services.workflows.bench import Bench
from services.workflows.carry import let_go
from services.workflows.patience import patient
from services.workflows.records import is_current, open_steps
from services.workflows.stage_limits import known_limits
from services.workflows.takeover import PoisonRun, is_poison

log = structlog.get_logger()
STORY_SECONDS = 5.0


@patient
async def stop_run(bench: Bench, run_id: str, story: asyncio.Task[None] | None = None) -> None:
    """Ends the workflow and the jobs of a run, then lets its task go on. `story` carries it in this process.

    While the agent is away nothing is known of its job, so the run stays `stopping`: the next sweep asks again.
    """
    async with bench.db.read() as session:
        run = await session.get_one(Run, run_id)
    if story is not None:
        let_go(bench, run_id)
        await asyncio.wait([story], timeout=STORY_SECONDS)  # it may be starting a job just now
    if story is None or not story.done():
        await DBOS.cancel_workflow_async(run.story_id)
    async with bench.db.read() as session:
        run = await session.get_one(Run, run_id)
    ended = True
    for name in open_steps(run):
        try:
            await bench.agent.cancel(run.id, name)
        except AgentUnreachable as error:
            ended = False
            log.warning("run.cancel_job", run_id=run.id, step=name, error=str(error))
        except AgentRefused as error:
            log.warning("run.cancel_job", run_id=run.id, step=name, error=str(error))
    if not ended:
        return
    if run.stopping:
        async with bench.db.write() as session:
            await session.execute(sa.update(Run).where(Run.id == run.id).values(stopping=False))
        bench.doorbell.ring()
    log.info("run.stopped", run_id=run.id)


async def park_run(bench: Bench, run_id: str, error: Exception) -> None:
    """The story broke: the run is lost, and its task is queued again or, after too many, given to a person; at once
    where it is poison. What an agent may still do of it is ended before the task's next run begins. A run that another
    worker has by now is left alone."""
    log.error("run.broken", run_id=run_id, error=repr(error)[:2000])
    async with bench.db.write() as session:
        await events.lock(session)
        run = await session.get_one(Run, run_id, with_for_update=True)
        if RunState(run.state) not in LIVE_RUN or run.owner != bench.owner:
            return
        poison = await is_poison(session, run, bench.settings.run_deaths)
        sentence = _sentence(PoisonRun.of(run) if poison else error)
        current = await is_current(session, run)
        run.state, run.finished_at = RUN.check(RunState(run.state), RunState.LOST), now()
        run.stopping = bool(open_steps(run))
        run.reason, run.summary, run.result = "broken", sentence, "blocked"
        await events.of_run(session, "run.lost", run, summary=sentence)
        if run.request_id is not None:
            request = await session.get_one(Request, run.request_id)
            request.state, request.sentence = "failed", sentence
        elif current and run.task_id is not None:
            task = await session.get_one(Task, run.task_id)
            stage = (await workflow_by_id(session, task.workflow_id)).stage(run.stage)
            task.lost_runs += 1
            if poison or task.lost_runs >= known_limits(stage).poison:
                await set_state(
                    session, task, TaskState.WAITING, actor="hub", reason=WaitingReason.STALL, sentence=sentence
                )
            else:
                at = bench.settings.backoff.at(task.lost_runs)
                await set_state(session, task, TaskState.QUEUED, actor="hub", retry_at=at)
                bench.doorbell.ring_at(at)
    bench.doorbell.ring()


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, HubError) else f"The hub failed: {type(error).__name__}: {error}"[:1000]
