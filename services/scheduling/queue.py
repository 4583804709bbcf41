"""The queue as a person sees it: what starts next, and in a sentence why each of the others waits.

It goes through what admission would do, by the same rules, with the room of all orchestrators that live; so what it
says is what admission does next.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased

from services.domain.states import RunState, TaskState
from services.roles.read import workflows_of
from services.scheduling import reading
from services.scheduling.deploying import Deploying, read_deploying
from services.scheduling.fair import Candidate, Shares, fair_order
from services.scheduling.limits import SchedulingLimits
from services.scheduling.picking import Pick, Picking
from services.scheduling.waits import Titles, starts, why
from services.store.later import ask
from services.store.models import Project, Run, Task, TaskDependency, Worker
from services.store.types import now
from services.tasks.ownership import is_open

WORKER_SILENT_SECONDS = 60.0  # an orchestrator that was not heard of for so long carries nothing


@dataclass(frozen=True)
class QueuedTask:
    """`place` counts from 1 in the order of turns; a blocked task has none. `run_id` is the run that waits."""

    place: int | None
    task_id: int
    project_id: int
    key: str
    title: str
    stage: str
    state: str
    priority: int
    urgency: float
    queued_at: datetime | None
    run_id: str | None
    sentence: str


@dataclass(frozen=True)
class _Seen:
    """The queued tasks in the order of turns, what would start of them, and what the rest waits for."""

    ordered: Sequence[Candidate]
    picks: Mapping[int, Pick]
    picking: Picking
    projects: reading.Projects
    stopping: Collection[int]


async def read_queue(
    session: AsyncSession, limits: SchedulingLimits, project_id: int | None = None
) -> list[QueuedTask]:
    """All queued and blocked tasks, or a project's; their places are those among all. The capacity is that of the
    orchestrators that live."""
    at = now()
    looked = await reading.look(session, limits)
    (live,) = await ask(session, (reading.LIVE, {}))
    deploying = await session.run_sync(read_deploying, looked.projects.settings)
    workflows = await workflows_of(session, deploying.workflows_beside(reading.workflows_in(looked.queued)))
    capacity = await _capacity(session, at)

    def look(plain: Session) -> _Seen:
        known = reading.live_of(live, limits)
        return _look(plain, limits, workflows, looked, deploying, known, capacity, at.timestamp())

    seen = await session.run_sync(look)
    models = {one.model for one in seen.ordered if one.model is not None}
    titles = Titles(capacity, workflows, await session.run_sync(reading.read_change_seconds, sorted(models)))
    shown = await _rows(session, [one.id for one in seen.ordered])
    blocked = await _blocked(session)
    runs = await _waiting_runs(session)
    told: list[QueuedTask] = []
    for place, one in enumerate(seen.ordered, start=1):
        row = shown[one.id]
        told.append(_queued(row, place, one.urgency, runs.get(one.id), _sentence(one, row, seen, titles)))
    blockers = await _blockers(session)
    for row in blocked:
        sentence = f"Waits for {', '.join(blockers.get(row.id, ()))}."
        told.append(_queued(row, None, float(row.priority), runs.get(row.id), sentence))
    return [one for one in told if project_id in (None, one.project_id)]


def _look(
    session: Session,
    limits: SchedulingLimits,
    workflows: Mapping[int, Any],
    looked: reading.Looked,
    deploying: Deploying,
    live: reading.Live,
    capacity: int,
    at: float,
) -> _Seen:
    projects, stopping = looked.projects, looked.stopping
    queued = reading.candidates_of(session, limits, looked.asks, workflows, looked.queued, at, deploying.projects)
    queued = [one for one in queued if one.project_id in projects.settings]
    live.taken.columns.update(looked.begun)
    deploying.note(live.taken, workflows)
    going = [one for one in queued if one.project_id not in projects.paused and one.id not in stopping]
    requests = [one for one in (*looked.requests, *deploying.asked) if one.project_id not in projects.paused]
    cards = reading.read_cards(session, limits, live, [*going, *requests], at)
    ordered = list(fair_order(queued, Shares(live.taken.projects, projects.tags)))
    picking = Picking(live.taken, projects.shares(live), cards, limits, capacity - live.taken.live, at)
    picks = {pick.candidate.id: pick for pick in picking.run([*going, *requests]) if pick.candidate.is_task}
    return _Seen(ordered, picks, picking, projects, stopping)


def _sentence(one: Candidate, row: Any, seen: _Seen, titles: Titles) -> str:
    if seen.projects.all_paused:
        return "Everything is paused."
    if one.project_id in seen.projects.paused:
        return "Its project is paused."
    if one.id in seen.stopping:
        return "Its last run is being stopped."
    if one.id in seen.picks:
        return starts(seen.picks[one.id], titles)
    return why(one, row.workflow_id, seen.picking, titles)


def _queued(row: Any, place: int | None, urgent: float, run_id: str | None, sentence: str) -> QueuedTask:
    return QueuedTask(
        place, row.id, row.project_id, row.key, row.title, row.stage, row.state, row.priority,
        round(urgent, 3), row.queued_at if place else None, run_id, sentence,
    )  # fmt: skip


_SHOWN = sa.select(
    Task.id, Task.project_id, Task.workflow_id, Task.key, Task.title, Task.stage, Task.state, Task.priority,
    Task.queued_at,
).where(Task.deleted_at.is_(None))  # fmt: skip


async def _rows(session: AsyncSession, ids: Collection[int]) -> dict[int, Any]:
    wanted = set(ids)
    rows = await session.execute(_SHOWN.where(Task.state == TaskState.QUEUED))
    return {row.id: row for row in rows if row.id in wanted}


async def _blocked(session: AsyncSession) -> Sequence[Any]:
    query = _SHOWN.join(Project, Project.id == Task.project_id).where(
        Task.state == TaskState.BLOCKED, Project.deleted_at.is_(None)
    )
    return (await session.execute(query.order_by(Task.id))).all()


async def _capacity(session: AsyncSession, at: datetime) -> int:
    alive = Worker.seen_at > at - timedelta(seconds=WORKER_SILENT_SECONDS)
    return int(await session.scalar(sa.select(sa.func.sum(Worker.capacity)).where(alive)) or 0)


async def _waiting_runs(session: AsyncSession) -> dict[int, str]:
    query = sa.select(Run.task_id, Run.id).where(Run.state == RunState.QUEUED, Run.owner.is_(None))
    return {task_id: run_id for task_id, run_id in await session.execute(query) if task_id is not None}


async def _blockers(session: AsyncSession) -> dict[int, list[str]]:
    """What each blocked task waits for, by key."""
    other = aliased(Task)
    query = (
        sa.select(TaskDependency.task_id, other.key)
        .join(other, other.id == TaskDependency.blocked_by_id)
        .join(Task, Task.id == TaskDependency.task_id)
        .where(Task.state == TaskState.BLOCKED, is_open(other))
        .order_by(other.number)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for task_id, key in await session.execute(query):
        found[task_id].append(key)
    return found
