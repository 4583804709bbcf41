"""Runs that a person paused: their agents are told, their stories begin no step, and all go on where they were.

The rows are the truth (services/pauses/covering.py). A story asks them before each step, and what begins a step says so
beforehand (`Holds.beginning`). Who notes in a run's row that it stands still has waited for that, and has stopped the
job that came of it: so nothing of the run begins after the note, and the answer to the pause waits for the note.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.agents.errors import AgentRefused, AgentUnreachable
from services.domain.pauses import STANDING as STANDS
from services.domain.pauses import Held
from services.domain.states import LIVE_RUN, RunState
from services.events import log as events
from services.pauses.clock import goes_on
from services.pauses.covering import COVER, STANDING
from services.store.models import Run, Task
from services.store.plain import run_in
from services.store.types import now
from services.workflows.bench import Bench, bench
from services.workflows.patience import patient
from services.workflows.records import open_steps

log = structlog.get_logger()
AGAIN_SECONDS = 0.5  # the agent is away
T = TypeVar("T")


@patient
async def until_going(run_id: str) -> bool:
    """Returns when no pause covers the run; answers whether it lives."""
    while True:
        live, covered = await _cover(run_id)
        if not (live and covered):
            return live
        await bench().holds.news()


async def begin(run_id: str, work: Callable[[], Awaitable[T]]) -> T | None:
    """Does what begins a step once no pause covers the run; None, and nothing done, where the run is over by then."""
    while await until_going(run_id):
        with bench().holds.beginning(run_id):
            live, covered = await _cover(run_id)
            if live and not covered:
                return await work()
    return None


async def begin_now(run_id: str, work: Callable[[], Awaitable[None]]) -> None:
    """The same for what may be left to the run's story."""
    with bench().holds.beginning(run_id):
        live, covered = await _cover(run_id)
        if live and not covered:
            await work()


async def has_to_stand(session: AsyncSession, run_id: str) -> bool:
    """In a transaction that holds the events' lock the answer holds until its end."""
    live, covered = (await run_in(session, COVER, {"key": run_id}))[0]
    return bool(live and covered)


async def is_covered(run_id: str) -> bool:
    """Whether what belongs to the run has to wait, also after its end."""
    return (await _cover(run_id))[1]


async def _cover(run_id: str) -> tuple[bool, bool]:
    live, covered = (await bench().db.look(COVER, {"key": run_id}))[0]
    return bool(live), bool(covered)


async def see_to_all(bench: Bench) -> None:
    """Makes this orchestrator's runs stand still, and go on, as the rows say."""
    for run_id, covered, held in await bench.db.look(STANDING, {"owner": bench.owner}):
        if bool(covered) != (held in STANDS):
            bench.holds.see_to(run_id, _see_to(bench, run_id))
    bench.holds.ring()


@patient
async def _see_to(bench: Bench, run_id: str) -> None:
    """Until the agent does what the rows say. A word that comes meanwhile is carried out after this one."""
    while True:
        async with bench.db.read() as session:
            run = await session.get_one(Run, run_id)
            covered = await has_to_stand(session, run_id)
        if not _mine(bench, run) or covered == (run.held in STANDS):
            return
        try:
            if covered:
                await _note(bench, run_id, await _stop(bench, run_id))
            elif await _note(bench, run_id, Held.GOING_ON):
                await _wake(bench, run)
                await _note(bench, run_id, None)
        except AgentUnreachable as error:
            log.warning("run.hold", run_id=run_id, error=str(error))
            await asyncio.sleep(AGAIN_SECONDS)


async def _stop(bench: Bench, run_id: str) -> Held:
    await bench.holds.begun(run_id)
    async with bench.db.read() as session:
        run = await session.get_one(Run, run_id)
    how = Held.BETWEEN_STEPS
    for step in open_steps(run):
        try:
            state = await bench.agent.pause(run_id, step)
        except AgentRefused as error:
            log.warning("run.hold", run_id=run_id, step=step, error=str(error))
            continue
        if state is not None and state.held is not None:
            how = Held(state.held)
    return how


async def _wake(bench: Bench, run: Run) -> None:
    for step in open_steps(run):
        try:
            await bench.agent.resume(run.id, step)
        except AgentRefused as error:
            log.warning("run.wake", run_id=run.id, step=step, error=str(error))


async def _note(bench: Bench, run_id: str, how: Held | None) -> bool:
    """In the run's row, where it is live and ours. That it goes on is noted only if it was not paused again."""
    async with bench.db.write() as session:
        await events.lock(session)
        run = await session.get_one(Run, run_id, with_for_update=True)
        if not _mine(bench, run) or (how is Held.GOING_ON and await has_to_stand(session, run_id)):
            return False
        if how is None and run.held != Held.GOING_ON:
            return False
        task = await session.get(Task, run.task_id) if run.task_id is not None else None
        before, run.held = run.held, how
        if how in STANDS:
            run.held_at = run.held_at or now()
            await events.of_run(session, "run.held", run, task, how=how, before={"held": before}, after={"held": how})
        elif how is None:
            await events.of_run(session, "run.goes_on", run, task, paused_seconds=round(goes_on(run), 3))
    log.info("run.hold", run_id=run_id, held=how)
    return True


def _mine(bench: Bench, run: Run) -> bool:
    return RunState(run.state) in LIVE_RUN and run.owner == bench.owner
