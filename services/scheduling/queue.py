"""The queue as a person sees it: what starts next, and in a sentence why each of the others waits."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.domain.states import LIVE_RUN, RunState, TaskState
from services.roles.read import workflow_by_id
from services.scheduling.admit import in_order, occupied_places, still_stopping, urgency
from services.scheduling.limits import SchedulingLimits
from services.store.models import Project, Run, Task, TaskDependency, Worker
from services.store.types import now
from services.tasks.ownership import is_open

WORKER_SILENT_SECONDS = 60.0  # an orchestrator that was not heard of for so long carries nothing


@dataclass(frozen=True)
class QueuedTask:
    """`place` counts from 1 in the order of admission; a blocked task has none. `run_id` is the run that waits."""

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


@dataclass
class _Room:
    """What is taken, counted on as the queue is gone through."""

    capacity: int
    per_project: int
    live: Counter[int]
    columns: Counter[tuple[int, str]]

    def take(self, task: Task) -> None:
        self.live[task.project_id] += 1
        self.columns[task.project_id, task.stage] += 1


async def read_queue(
    session: AsyncSession, limits: SchedulingLimits, project_id: int | None = None
) -> list[QueuedTask]:
    """All queued and blocked tasks, or a project's; their places are those among all. The capacity is that of the
    orchestrators that live."""
    query = sa.select(Task).join(Project).where(Task.deleted_at.is_(None), Project.deleted_at.is_(None))
    queued = (await session.scalars(query.where(Task.state == TaskState.QUEUED))).all()
    blocked = (await session.scalars(query.where(Task.state == TaskState.BLOCKED).order_by(Task.id))).all()
    at = now()
    ordered = in_order(queued, at, limits)
    room = await _room(session, limits, at)
    paused = set((await session.scalars(sa.select(Project.id).where(Project.paused))).all())
    stopping = set((await session.scalars(sa.select(Task.id).where(still_stopping()))).all())
    runs = await _waiting_runs(session, [task.id for task in [*queued, *blocked]])
    told: list[QueuedTask] = []
    for place, task in enumerate(ordered, start=1):
        sentence = await _why(session, task, room, paused, stopping)
        told.append(_queued(task, place, runs, urgency(task, at, limits), sentence))
    blockers = await _blockers(session, [task.id for task in blocked])
    for task in blocked:
        sentence = f"Waits for {', '.join(blockers.get(task.id, ()))}."
        told.append(_queued(task, None, runs, float(task.priority), sentence))
    return [one for one in told if project_id in (None, one.project_id)]


def _queued(task: Task, place: int | None, runs: dict[int, str], urgent: float, sentence: str) -> QueuedTask:
    return QueuedTask(
        place, task.id, task.project_id, task.key, task.title, task.stage, task.state, task.priority,
        round(urgent, 3), task.queued_at if place else None, runs.get(task.id), sentence,
    )  # fmt: skip


async def _why(
    session: AsyncSession, task: Task, room: _Room, paused: Collection[int], stopping: Collection[int]
) -> str:
    """In the order in which admission looks; who may start takes its room."""
    if task.project_id in paused:
        return "Its project is paused."
    if task.id in stopping:
        return "Its last run is being stopped."
    if not room.capacity:
        return "No orchestrator is at work."
    if sum(room.live.values()) >= room.capacity:
        return f"All {room.capacity} workers are busy."
    if room.live[task.project_id] >= room.per_project:
        return f"Its project has {room.per_project} runs of {room.per_project}."
    stage = (await workflow_by_id(session, task.workflow_id)).stage(task.stage)
    here = room.columns[task.project_id, task.stage]
    if here >= stage.wip and not task.sent_back:
        return f"{stage.title} is full: {here} of {stage.wip}."
    room.take(task)
    return "Starts next."


async def _room(session: AsyncSession, limits: SchedulingLimits, at: datetime) -> _Room:
    alive = Worker.seen_at > at - timedelta(seconds=WORKER_SILENT_SECONDS)
    capacity = await session.scalar(sa.select(sa.func.sum(Worker.capacity)).where(alive))
    carried = sa.select(Run.project_id, sa.func.count()).where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None))
    live = {row[0]: row[1] for row in await session.execute(carried.group_by(Run.project_id))}
    return _Room(int(capacity or 0), limits.per_project, Counter(live), await occupied_places(session))


async def _waiting_runs(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    query = sa.select(Run.task_id, Run.id).where(
        Run.task_id.in_(ids), Run.state == RunState.QUEUED, Run.owner.is_(None)
    )
    return {task_id: run_id for task_id, run_id in await session.execute(query) if task_id is not None}


async def _blockers(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[str]]:
    other = aliased(Task)
    query = (
        sa.select(TaskDependency.task_id, other.key)
        .join(other, other.id == TaskDependency.blocked_by_id)
        .where(TaskDependency.task_id.in_(ids), is_open(other))
        .order_by(other.number)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for task_id, key in await session.execute(query):
        found[task_id].append(key)
    return found
