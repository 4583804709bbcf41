"""Admission: picks what may start now, makes the run rows in the caller's name, and lets nothing start twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from services.domain.states import BEGUN_TASK, LIVE_RUN, REQUEST, RequestState, RunState, TaskState
from services.events import log
from services.roles.read import workflow_by_id
from services.scheduling.limits import SchedulingLimits
from services.store.models import Project, Request, Run, Task
from services.store.types import now
from services.tasks.move import set_state
from services.tasks.waiting_run import attempts, waiting_run

_LOCK = 727003


@dataclass(frozen=True)
class Admitted:
    """A run row that was made and now has to be carried: `kind` is stage or plan, `story_id` its name in the engine."""

    run_id: str
    kind: str
    story_id: str

    @classmethod
    def of(cls, run: Run) -> "Admitted":
        return cls(run.id, "plan" if run.request_id is not None else "stage", run.story_id)


async def lock_admission(session: AsyncSession) -> None:
    """On PostgreSQL, one admission at a time until the transaction ends. Taken before anything that appends events:
    all take the two locks in this order, so nobody waits for each other. On SQLite a writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def admit(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted]:
    """Makes runs for what may start, most urgent first; a run that a person started is adopted. One transaction; on
    PostgreSQL one orchestrator at a time."""
    await lock_admission(session)
    carried = sa.select(Run.owner, Run.project_id).where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None))
    live = (await session.execute(carried)).all()
    room = limits.worker_capacity - sum(1 for row in live if row.owner == owner)
    per_project = Counter(row.project_id for row in live)
    admitted: list[Admitted] = []
    for request in await _new_requests(session):
        if room - len(admitted) > 0 and per_project[request.project_id] < limits.per_project:
            admitted.append(await _admit_request(session, request, owner))
            per_project[request.project_id] += 1
    queued = await _queued_tasks(session)
    if not queued or room - len(admitted) <= 0:
        return admitted
    occupied = await occupied_places(session)
    at = now()
    for task in in_order(queued, at, limits):
        if room - len(admitted) <= 0:
            break
        place = (task.project_id, task.stage)
        stage = (await workflow_by_id(session, task.workflow_id)).stage(task.stage)
        if per_project[task.project_id] >= limits.per_project:
            continue
        if occupied[place] >= stage.wip and not task.sent_back:
            continue
        admitted.append(await _admit_task(session, task, stage.role, owner))
        per_project[task.project_id] += 1
        occupied[place] += 1
    return admitted


def in_order(queued: Sequence[Task], at: datetime, limits: SchedulingLimits) -> list[Task]:
    """As they would start, if nothing stood in the way."""
    return sorted(queued, key=lambda t: (-urgency(t, at, limits), t.queued_at or at, t.id))


def urgency(task: Task, at: datetime, limits: SchedulingLimits) -> float:
    """Priority, and more of it the longer the task waits."""
    waited = (at - task.queued_at).total_seconds() if task.queued_at else 0.0
    return task.priority + waited / limits.ageing_seconds


async def _new_requests(session: AsyncSession) -> Sequence[Request]:
    query = sa.select(Request).join(Project).where(Request.state == RequestState.NEW, ~Project.paused)
    return (await session.scalars(query.order_by(Request.id))).all()


async def _queued_tasks(session: AsyncSession) -> Sequence[Task]:
    query = (
        sa.select(Task)
        .join(Project)
        .where(Task.state == TaskState.QUEUED, Task.deleted_at.is_(None), ~Project.paused, Project.deleted_at.is_(None))
        .where(~still_stopping())
    )
    return (await session.scalars(query)).all()


def still_stopping() -> sa.ColumnElement[bool]:
    """An agent may still be at work on a run of the task that was cancelled: its worktree has one writer."""
    return sa.exists().where(Run.task_id == Task.id, Run.stopping)


async def occupied_places(session: AsyncSession) -> Counter[tuple[int, str]]:
    """How many tasks stand in each column and are begun there."""
    query = (
        sa.select(Task.project_id, Task.stage, sa.func.count())
        .where(Task.state.in_(BEGUN_TASK), Task.deleted_at.is_(None))
        .group_by(Task.project_id, Task.stage)
    )
    return Counter({(row[0], row[1]): row[2] for row in (await session.execute(query)).all()})


async def _admit_task(session: AsyncSession, task: Task, role: str | None, owner: str) -> Admitted:
    run = await waiting_run(session, task)
    if run is None:
        run = Run(
            id=str(uuid7()),
            project_id=task.project_id,
            task_id=task.id,
            stage=task.stage,
            role=role,
            attempt=await attempts(session, task, task.stage) + 1,
            state=RunState.QUEUED,
            queued_at=task.queued_at or now(),
        )
        session.add(run)
    run.owner, run.round = owner, task.round
    await session.flush()
    await set_state(session, task, TaskState.RUNNING, actor="scheduler", run_id=run.id)
    task.current_run_id = run.id
    await session.flush()
    return Admitted.of(run)


async def _admit_request(session: AsyncSession, request: Request, owner: str) -> Admitted:
    run = await _going_on(session, request) or await _planning(session, request)
    run.owner = owner
    request.state = REQUEST.check(RequestState(request.state), RequestState.PLANNING)
    request.run_id = run.id
    await session.flush()
    await log.append(
        session,
        "request.planning",
        actor="scheduler",
        project_id=request.project_id,
        run_id=run.id,
        request_id=request.id,
    )
    return Admitted.of(run)


async def _going_on(session: AsyncSession, request: Request) -> Run | None:
    """The run that waited for money and has it now."""
    run = await session.get(Run, request.run_id) if request.run_id is not None else None
    return run if run is not None and run.state == RunState.QUEUED and run.owner is None else None


async def _planning(session: AsyncSession, request: Request) -> Run:
    attempts = await session.scalar(sa.select(sa.func.count()).where(Run.request_id == request.id))
    run = Run(
        id=str(uuid7()),
        project_id=request.project_id,
        request_id=request.id,
        stage="plan",
        role="pm",
        attempt=(attempts or 0) + 1,
        state=RunState.QUEUED,
    )
    session.add(run)
    return run
