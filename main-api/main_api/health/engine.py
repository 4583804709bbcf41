"""Who carries the runs: the orchestrators that beat, what waits for them, and what nobody has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.health.part import Report
from services.domain.states import LIVE_RUN, RunState, TaskState
from services.store.database import Database
from services.store.models import Run, Task, Worker
from services.store.types import now
from services.tasks.ownership import orphans

NAMED = 20  # orphans by key; the rest is counted
START = "Start it with ./start.sh; logs/orchestrator.log under WFHUB_HOME tells why it ended."
REPAIR = "The orchestrator repairs that within seconds. If it stays, look at its log."


@dataclass(frozen=True)
class Seen:
    """`abandoned` are live runs whose orchestrator is dead, `orphans` the keys of tasks that nobody has."""

    workers: list[dict[str, Any]]
    last_seen: float | None
    running: int
    waiting: int
    queued: int
    abandoned: int
    orphans: list[str]


async def look_at_engine(db: Database, ttl_seconds: float) -> Report:
    try:
        async with db.read() as session:
            seen = await _see(session, ttl_seconds)
    except (SQLAlchemyError, OSError):
        return Report("unknown", "Nobody can tell while the database does not answer.", "See the database.")
    facts = {
        "workers": seen.workers,
        "running": seen.running,
        "pending": seen.waiting + seen.queued,
        "abandoned_runs": seen.abandoned,
        "orphans": seen.orphans[:NAMED],
        "orphan_count": len(seen.orphans),
    }
    return Report(*_judged(seen), facts=facts)


def _judged(seen: Seen) -> tuple[Any, str, str]:
    if not seen.workers:
        since = "none has ever run" if seen.last_seen is None else f"the last one was seen {seen.last_seen:.0f} s ago"
        return "unwell", f"No orchestrator is alive ({since}): nothing moves.", START
    if seen.orphans:
        names = ", ".join(seen.orphans[:5]) + (" …" if len(seen.orphans) > 5 else "")
        return "unwell", f"In nobody's hands: {names}.", REPAIR
    if seen.abandoned:
        return "unwell", f"{_count(seen.abandoned, 'run')} of a dead orchestrator wait to be taken over.", REPAIR
    capacity = sum(worker["capacity"] for worker in seen.workers)
    sentence = f"{_count(len(seen.workers), 'orchestrator')}, {seen.running} of {_count(capacity, 'run')} going"
    pending = seen.waiting + seen.queued
    return "well", f"{sentence}, {pending} waiting." if pending else f"{sentence}.", ""


async def _see(session: AsyncSession, ttl_seconds: float) -> Seen:
    at = await _clock(session)
    known = (await session.scalars(sa.select(Worker).order_by(Worker.started_at))).all()
    alive = [worker for worker in known if worker.seen_at > at - timedelta(seconds=ttl_seconds)]
    counted = sa.select(Run.owner, Run.state, sa.func.count()).where(Run.state.in_(LIVE_RUN))
    rows = (await session.execute(counted.group_by(Run.owner, Run.state))).all()
    names = {worker.id for worker in alive}
    carried = [(owner, state, count) for owner, state, count in rows if owner in names]
    queued = sa.select(sa.func.count()).where(Task.state == TaskState.QUEUED, Task.deleted_at.is_(None))
    return Seen(
        workers=[_worker(worker, at, carried) for worker in alive],
        last_seen=min(((at - worker.seen_at).total_seconds() for worker in known), default=None),
        running=sum(count for _, state, count in carried if state == RunState.RUNNING),
        waiting=sum(count for owner, state, count in rows if owner is None or state == RunState.QUEUED),
        queued=await session.scalar(queued) or 0,
        abandoned=sum(count for owner, _, count in rows if owner is not None and owner not in names),
        orphans=[task.key for task in await orphans(session)],
    )


def _worker(worker: Worker, at: datetime, carried: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    return {
        "id": worker.id,
        "host": worker.host,
        "pid": worker.pid,
        "capacity": worker.capacity,
        "runs": sum(count for owner, _, count in carried if owner == worker.id),
        "seen_seconds_ago": round(max(0.0, (at - worker.seen_at).total_seconds()), 1),
        "started_at": worker.started_at.isoformat(),
    }


async def _clock(session: AsyncSession) -> datetime:
    """As the orchestrators tell the time: the database's where several hosts share it."""
    if session.get_bind().dialect.name == "postgresql":
        return (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return now()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
