"""Who is alive, and who carries on what the dead left: heartbeats, takeover, claims.

An orchestrator's boot is a row that it beats. A run of an owner without a fresh beat is taken over by whoever sweeps
first. A worker that cannot beat stops itself before that: see `fence.py`.
"""

import asyncio
import os
import socket
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.domain.states import LIVE_RUN, RunState
from services.events import log as events
from services.roles.read import workflow_by_id
from services.store.database import Database
from services.store.frozen import end_frozen
from services.store.models import Run, Task, Worker
from services.store.types import now
from services.workflows import engine
from services.workflows.bench import Bench
from services.workflows.fence import SHARE, elapsed
from services.workflows.in_hand import look_at
from services.workflows.patience import patient

log = structlog.get_logger()
_LOCK = 727004
DEATHS = "deaths"  # in a run's details: the owners that died with it in hand
RETIRE_SECONDS = 3.0


class PoisonRun(HubError):
    """The orchestrator died again and again while it had this run in hand."""

    code = "poison_run"

    @classmethod
    def of(cls, run: Run) -> "PoisonRun":
        return cls(
            f"The orchestrator died {len(run.details[DEATHS])} times while it carried this run, so it was stopped.",
            "Look at the run's output and the orchestrator's log, then start the task again.",
        )


async def clock(session: AsyncSession) -> datetime:
    """The database's time where several hosts share it, else this machine's."""
    if session.get_bind().dialect.name == "postgresql":
        return (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return now()


async def enlist(bench: Bench) -> float:
    """Stores a beat, also where the row is not there yet, or was swept up while this boot had nothing in hand.

    Waits for a database that is away. Answers when the beat began, by `elapsed`.
    """
    while True:
        begun = elapsed()
        try:
            async with bench.db.write() as session:
                at = await clock(session)
                told = {"host": socket.gethostname(), "pid": os.getpid(), "capacity": bench.settings.concurrency}
                told |= {"started_at": at, "seen_at": at}
                there = await session.execute(sa.update(Worker).where(Worker.id == bench.owner).values(**told))
                if _rows(there) == 0:
                    session.add(Worker(id=bench.owner, **told))
        except (DBAPIError, OSError) as error:
            if bench.db.is_sqlite:
                raise
            bench.fence.missed()
            log.warning("worker.waits_for_database", error=str(error)[:300])
            await asyncio.sleep(bench.settings.beat_seconds)
        else:
            return begun


async def beat(bench: Bench) -> None:
    """Says that this boot is alive. A worker whose row is gone was declared dead, and ends."""
    begun = elapsed()
    async with bench.db.write() as session:
        at = await clock(session)
        bench.fence.told(at)
        done = await session.execute(sa.update(Worker).where(Worker.id == bench.owner).values(seen_at=at))
    if _rows(done) == 0:
        bench.fence.declared_dead()
    bench.fence.beaten(begun)


def _rows(done: sa.Result[Any]) -> int:
    """How many the statement changed."""
    return cast("sa.CursorResult[Any]", done).rowcount


async def keep_beating(bench: Bench) -> None:
    """Beats until cancelled; ends the process when it could not for too long."""
    settings = bench.settings
    while True:
        await asyncio.sleep(settings.beat_seconds)
        bench.fence.check()
        try:
            async with asyncio.timeout(settings.ttl_seconds * SHARE / 2):  # wait_for may swallow the end's cancelling
                await beat(bench)
        except (DBAPIError, TimeoutError, OSError) as error:
            bench.fence.missed()
            log.warning("worker.beat_failed", error=str(error)[:300])


async def keep_free(bench: Bench) -> None:
    """Frees again and again, until cancelled, what a worker that was frozen in the middle of a transaction holds: for
    its locks everybody else would wait, a takeover too."""
    settings = bench.settings
    while not bench.db.is_sqlite:
        await asyncio.sleep(settings.sweep_seconds)
        try:
            async with bench.db.read() as session:
                ended = await end_frozen(session, settings.idle_seconds)
        except (DBAPIError, OSError) as error:
            log.warning("worker.frees_nobody", error=str(error)[:300])
        else:
            if ended:
                log.warning("worker.freed", transactions=ended)


async def retire(url: str, owner: str) -> None:
    """A clean stop: the next orchestrator need not wait for the time to live. Gives up when the database is away."""
    db = Database(url, pool_size=1)
    try:
        async with asyncio.timeout(RETIRE_SECONDS), db.write() as session:
            await session.execute(sa.delete(Worker).where(Worker.id == owner))
    except (DBAPIError, TimeoutError, OSError) as error:
        log.warning("worker.retire_failed", error=str(error)[:300])


async def take_over(bench: Bench, *, alone: bool) -> list[Run]:
    """Makes the live runs of dead owners this worker's own and lets the engine go on with them.

    `alone`: this process holds the lock of the database file, so every other owner is dead whatever its last beat.
    Answers the runs that have killed their worker too often: they are stopped in the engine, and want to be parked.
    """
    async with bench.db.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            free = await session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})
            if not free:
                return []
        at = await clock(session)
        bench.fence.told(at)
        if not (alone or bench.fence.steady(0)):
            return []
        fresh = at - timedelta(seconds=bench.settings.ttl_seconds)
        known = {row.id: row for row in (await session.scalars(sa.select(Worker))).all()}
        live = {id for id, row in known.items() if row.seen_at > fresh and not alone} | {bench.owner}
        query = sa.select(Run.id).where(Run.state.in_(LIVE_RUN), Run.owner.not_in(live))
        if await session.scalar(query.limit(1)):
            await events.lock(session)  # whoever writes to a run holds it: none of them is in the middle of it now
        runs = (await session.scalars(sa.select(Run).where(Run.id.in_(query)).with_for_update())).all()
        for run in runs:
            await _take(session, run, bench.owner, died=run.owner in known)
        stopping = sa.update(Run).where(Run.stopping, Run.owner.not_in(live))  # their jobs are ended from here on
        await session.execute(stopping.values(owner=bench.owner))
        gone = set(known) - live
        still = [] if alone else [Worker.seen_at <= fresh]  # a boot that took long to start may beat just now
        await session.execute(sa.delete(Worker).where(Worker.id.in_(gone), *still))
        poison = [run for run in runs if await is_poison(session, run, bench.settings.run_deaths)]
    for run in poison:
        await engine.stop(run.story_id)
    dead = gone | await asyncio.to_thread(engine.pending_owners) - live
    recovered = await asyncio.to_thread(engine.recover, dead) if dead else []
    if runs or recovered:
        log.info("worker.takeover", dead=sorted(dead), runs=[run.id for run in runs], workflows=recovered)
    return poison


async def is_poison(session: AsyncSession, run: Run, most: int) -> bool:
    """Whether too many workers died with it: its stage's own limit (`poison`), else more than `most`, the hub's."""
    deaths = len(run.details.get(DEATHS, ()))
    task = await session.get(Task, run.task_id) if run.task_id is not None and deaths else None
    if task is None:
        return deaths > most
    own = (await workflow_by_id(session, task.workflow_id)).stage(run.stage).limits.poison
    return deaths >= own if own is not None else deaths > most


@patient
async def claim(bench: Bench, run_id: str) -> bool:
    """Called when a run's story begins here; answers whether it shall go on. Which worker goes on with what was left
    is the engine's choice, not only the sweeper's: where the run is in another's name, and the engine gave its
    workflow to this one, it moves. One that is given up does not: the engine may hear of that only later."""
    run = (await look_at(run_id)).run
    if engine.story() not in (None, run.story_id):
        return False  # left by a crash behind the end of its story; since then the run goes on in another
    if RunState(run.state) not in LIVE_RUN:
        return True
    if run.owner != bench.owner and await engine.carrier(run.story_id) != bench.owner:
        bench.fence.taken(run_id, run.owner)
    if run.owner == bench.owner and not run.details.get(DEATHS):
        return True
    async with bench.db.write() as session:
        await events.lock(session)
        run = await session.get_one(Run, run_id, with_for_update=True)
        if RunState(run.state) not in LIVE_RUN:
            return True
        if await is_poison(session, run, bench.settings.run_deaths):
            return False
        if run.owner != bench.owner:
            await _take(session, run, bench.owner, died=False)
    return True


async def _take(session: AsyncSession, run: Run, owner: str, *, died: bool) -> None:
    before, run.owner = run.owner, owner
    if died:
        run.details = {**run.details, DEATHS: [*run.details.get(DEATHS, ()), before]}
    task = await session.get(Task, run.task_id) if run.task_id is not None else None
    told = {"from_worker": before, "to_worker": owner}
    await events.of_run(session, "run.taken_over", run, task, **told)
