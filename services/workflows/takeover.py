"""Who is alive, and who carries on what the dead left: heartbeats, takeover, self-fencing.

An orchestrator's boot is a row that it beats. A run of an owner without a fresh beat is taken over by whoever sweeps
first. A worker that cannot beat for 0.8 of the time to live stops itself, because it may have been taken over.
"""

import asyncio
import os
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from dbos import DBOS
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import LIVE_RUN
from services.store.models import Run, Worker
from services.store.types import now
from services.workflows import engine
from services.workflows.bench import Bench

log = structlog.get_logger()
_LOCK = 727004
FENCE = 0.8
EXIT_FENCED = 70


async def clock(session: AsyncSession) -> datetime:
    """The database's time where several hosts share it, else this machine's."""
    if session.get_bind().dialect.name == "postgresql":
        return (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return now()


async def beat(bench: Bench) -> None:
    """Says that this boot is alive. The first beat comes before the engine starts."""
    async with bench.db.write() as session:
        at = await clock(session)
        row = await session.get(Worker, bench.owner)
        if row is None:
            host, capacity = socket.gethostname(), bench.settings.concurrency
            row = Worker(id=bench.owner, host=host, pid=os.getpid(), capacity=capacity, started_at=at)
            session.add(row)
        row.seen_at = at


async def retire(bench: Bench) -> None:
    """A clean stop: the next orchestrator need not wait for the time to live."""
    async with bench.db.write() as session:
        await session.execute(sa.delete(Worker).where(Worker.id == bench.owner))


async def keep_beating(bench: Bench) -> None:
    """Beats until cancelled; ends the process when it could not for too long."""
    settings, loop = bench.settings, asyncio.get_running_loop()
    good = loop.time()
    while True:
        await asyncio.sleep(settings.beat_seconds)
        if loop.time() - good > settings.ttl_seconds * FENCE:
            log.error("worker.fenced", owner=bench.owner, silent_seconds=round(loop.time() - good, 1))
            os._exit(EXIT_FENCED)
        try:
            await asyncio.wait_for(beat(bench), settings.ttl_seconds * FENCE / 2)
            good = loop.time()
        except (DBAPIError, TimeoutError, OSError) as error:
            log.warning("worker.beat_failed", error=str(error)[:300])


async def take_over(bench: Bench, *, alone: bool) -> list[str]:
    """Makes the live runs of dead owners this worker's own and lets the engine go on with them. Answers their ids.

    `alone`: this process holds the lock of the database file, so every other owner is dead whatever its last beat.
    """
    async with bench.db.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            free = await session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})
            if not free:
                return []
        fresh = await clock(session) - timedelta(seconds=bench.settings.ttl_seconds)
        query = sa.select(Worker.id) if not alone else sa.select(Worker.id).where(Worker.id == bench.owner)
        live = set((await session.scalars(query.where(Worker.seen_at > fresh))).all()) | {bench.owner}
        runs = (await session.scalars(sa.select(Run).where(Run.state.in_(LIVE_RUN), Run.owner.not_in(live)))).all()
        dead = {run.owner for run in runs if run.owner}
        for run in runs:
            run.owner = bench.owner
        await session.execute(sa.delete(Worker).where(Worker.id.not_in(live), Worker.seen_at <= fresh))
        taken = [run.id for run in runs]
    dead |= await asyncio.to_thread(_pending_owners) - live
    if dead:
        recovered = await asyncio.to_thread(engine.recover, dead)
        log.info("worker.takeover", dead=sorted(dead), runs=taken, workflows=recovered)
    return taken


def _pending_owners() -> set[str]:
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {status.executor_id for status in pending if status.executor_id}
