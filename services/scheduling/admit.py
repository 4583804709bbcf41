"""Admission: picks what may start now, makes the run rows in the caller's name, and lets nothing start twice."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from uuid6 import uuid7

from services.domain.states import BEGUN_TASK, REQUEST, RequestState, RunState, TaskState
from services.events import log
from services.roles.read import workflows_of
from services.scheduling import reading
from services.scheduling.asks import Asks
from services.scheduling.cards import Cards
from services.scheduling.fair import Candidate, Shares
from services.scheduling.limits import SchedulingLimits
from services.scheduling.picking import Pick, Picking
from services.store.models import Request, Run, Task
from services.store.session import hold
from services.store.types import now
from services.tasks.move import set_state

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


async def admit_if_free(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted] | None:
    """`admit`; None where another is at it. Nobody is waited for, so this may come after anything in a transaction."""
    if session.get_bind().dialect.name == "postgresql":
        free = await session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})
        if not free:
            return None
    return await _admit(session, owner, limits)


async def admit(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted]:
    """Makes runs for what may start, by the turns of `fair.py` and `cards.py`; a run that a person started is adopted.
    One transaction; on PostgreSQL one orchestrator at a time: take the lock before anything that appends events."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    return await _admit(session, owner, limits)


async def _admit(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted]:
    picks = await _pick(session, owner, limits)
    tasks = [pick.candidate for pick in picks if not pick.candidate.is_request]
    runs: list[Run] = []
    before: dict[int, reading.Before] = {}
    if tasks:
        before = await session.run_sync(reading.read_before, tasks)
        wanted = sa.select(Task).where(Task.id.in_([one.id for one in tasks]))
        hold(session, *await session.scalars(wanted))  # all by one statement
    for pick in picks:
        if pick.candidate.is_request:
            runs.append(await _admit_request(session, pick, owner))
        else:
            runs.append(await _admit_task(session, pick, owner, before[pick.candidate.id]))
    await session.flush()
    hold(session, *runs)
    return [Admitted.of(run) for run in runs]


@dataclass(frozen=True)
class _Seen:
    """What an admission looks at, and the room that its orchestrator has."""

    live: reading.Live
    room: int
    stopping: frozenset[int]
    projects: reading.Projects
    requests: list[Candidate]
    queued: reading.Rows
    asks: Asks


async def _pick(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Pick]:
    at = now().timestamp()
    seen = await session.run_sync(_look, owner, limits, at)
    if seen is None or not (seen.queued or seen.requests):
        return []
    workflows = await workflows_of(session, reading.workflows_in(seen.queued))

    def pick(plain: Session) -> list[Pick]:
        waiting = reading.candidates_of(plain, limits, seen.asks, workflows, seen.queued, at)
        going = seen.projects.settings.keys() - seen.projects.paused
        wanted = [one for one in waiting if one.project_id in going and one.id not in seen.stopping]
        wanted += [one for one in seen.requests if one.project_id in going]
        if not wanted:
            return []
        taken, shares = seen.live.taken, seen.projects.shares(seen.live)
        reading.read_columns(plain, taken)
        cards = reading.read_cards(plain, limits, seen.live, wanted, at)
        picks = Picking(taken, shares, cards, limits, seen.room, at).run(wanted)
        reading.keep_tags(plain, shares, seen.projects)
        return picks

    return await session.run_sync(pick)


def _look(session: Session, owner: str, limits: SchedulingLimits, at: float) -> _Seen | None:
    """Reads no more than it has to: where there is no room, not even the queue; None then."""
    live = reading.read_live(session, limits)
    room = limits.worker_capacity - live.owned_by(owner)
    if Picking(live.taken, Shares({}, {}), Cards(0, ()), limits, room, at).full() is not None:
        return None
    queued = reading.read_queued(session)
    stopping = reading.read_stopping(session)
    projects = reading.read_projects(session)
    asks = reading.read_asks(session, limits, projects)
    return _Seen(live, room, stopping, projects, reading.read_requests(session, asks), queued, asks)


async def occupied_places(session: AsyncSession) -> Counter[tuple[int, str]]:
    """How many tasks stand in each column and are begun there."""
    query = (
        sa.select(Task.project_id, Task.stage, sa.func.count())
        .where(Task.state.in_(BEGUN_TASK), Task.deleted_at.is_(None))
        .group_by(Task.project_id, Task.stage)
    )
    return Counter({(row[0], row[1]): row[2] for row in (await session.execute(query)).all()})


async def _admit_task(session: AsyncSession, pick: Pick, owner: str, before: reading.Before) -> Run:
    task = await session.get_one(Task, pick.candidate.id)
    if before.waiting is None:
        run = Run(
            id=str(uuid7()),
            project_id=task.project_id,
            task_id=task.id,
            stage=task.stage,
            role=pick.candidate.role,
            attempt=before.attempts + 1,
            state=RunState.QUEUED,
            queued_at=task.queued_at or now(),
        )
        session.add(run)
    else:
        run = await session.get_one(Run, before.waiting)
    run.owner, run.round = owner, task.round
    run.agent, run.model = pick.agent or run.agent, pick.candidate.model or run.model
    await set_state(session, task, TaskState.RUNNING, actor="scheduler", run_id=run.id)
    task.current_run_id = run.id
    return run


async def _admit_request(session: AsyncSession, pick: Pick, owner: str) -> Run:
    request = await session.get_one(Request, pick.candidate.id)
    run = await _going_on(session, request) or await _planning(session, request)
    run.owner, run.agent, run.model = owner, pick.agent or run.agent, pick.candidate.model or run.model
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
    return run


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
