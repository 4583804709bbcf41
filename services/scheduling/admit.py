"""Admission: picks what may start now, makes the run rows in the caller's name, and lets nothing start twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from uuid6 import uuid7

from services.domain.states import BEGUN_TASK, REQUEST, RequestState, RunState, TaskState
from services.events import log
from services.roles.read import workflows_of
from services.scheduling import reading
from services.scheduling.cards import Cards
from services.scheduling.deploying import read_deploying
from services.scheduling.fair import Candidate, Shares
from services.scheduling.limits import SchedulingLimits
from services.scheduling.picking import Pick, Picking
from services.store import later
from services.store.changes import say_changes, say_new
from services.store.listed import one_of_text
from services.store.models import Project, Request, Run, Task
from services.store.plain import Statement
from services.store.session import Select, hold
from services.store.types import now
from services.tasks.move import set_state

_KEY = {"key": 727003}
_TRY = Statement(sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger()))))
_TAKE = Statement(sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger()))))
_IDS = sa.bindparam("ids", type_=sa.Text())
_TASKS = Select(Task, lambda tasks: tasks.where(one_of_text(Task.id, _IDS)))
_PROJECTS = Select(Project, lambda projects: projects.where(one_of_text(Project.id, _IDS)))


@dataclass(frozen=True)
class Admitted:
    """A run row that was made and now has to be carried: `kind` is stage, plan or deploy, `story_id` its name in the
    engine."""

    run_id: str
    kind: str
    story_id: str

    @classmethod
    def of(cls, run: Run) -> "Admitted":
        kind = "plan" if run.request_id is not None else "stage" if run.task_id is not None else "deploy"
        return cls(run.id, kind, run.story_id)


async def admit_if_free(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted] | None:
    """`admit`; None where another is at it. Nobody is waited for, so this may come after anything in a transaction."""
    if session.get_bind().dialect.name != "postgresql":
        return await admit(session, owner, limits)
    free, live = await later.ask(session, (_TRY, _KEY), (reading.LIVE, {}))
    return await _admit(session, owner, limits, live) if free[0][0] else None


async def admit(session: AsyncSession, owner: str, limits: SchedulingLimits) -> list[Admitted]:
    """Makes runs for what may start, by the turns of `fair.py` and `cards.py`; a run that a person started is adopted.
    One transaction; on PostgreSQL one orchestrator at a time: take the lock before anything that appends events."""
    if session.get_bind().dialect.name == "postgresql":
        await later.ask(session, (_TAKE, _KEY))
    (live,) = await later.ask(session, (reading.LIVE, {}))
    return await _admit(session, owner, limits, live)


async def _admit(session: AsyncSession, owner: str, limits: SchedulingLimits, live: reading.Rows) -> list[Admitted]:
    picks = await _pick(session, owner, limits, reading.live_of(live, limits))
    if not picks:
        return []
    before = await _rows_of(session, [pick.candidate for pick in picks if pick.candidate.is_task])
    runs: list[Run] = []
    for pick in picks:
        if pick.candidate.is_request:
            runs.append(await _admit_request(session, pick, owner))
        elif pick.candidate.deploy_run is not None:
            runs.append(await _admit_deploy(session, pick.candidate.deploy_run, pick, owner))
        else:
            runs.append(await _admit_task(session, pick, owner, before[pick.candidate.id]))
    await say_changes(session)
    await session.flush()
    hold(session, *runs)
    return [Admitted.of(run) for run in runs]


async def _rows_of(session: AsyncSession, tasks: Sequence[Candidate]) -> dict[int, reading.Before]:
    """What each has had, by task. Its row, and its project's, are known to the session from here on."""
    if not tasks:
        return {}
    ids, projects = ",".join(str(one.id) for one in tasks), {str(one.project_id) for one in tasks}
    asked = (_TASKS.statement, {"ids": ids}), (_PROJECTS.statement, {"ids": ",".join(sorted(projects))})
    before, rows, theirs = await later.ask(session, (reading.BEFORE, {"tasks": ids}), *asked)
    hold(session, *_TASKS.of(session, rows), *_PROJECTS.of(session, theirs))
    return reading.before_of(before, tasks)


async def _pick(session: AsyncSession, owner: str, limits: SchedulingLimits, live: reading.Live) -> list[Pick]:
    """Reads no more than it has to: where there is no room, not even the queue."""
    at, room = now().timestamp(), limits.worker_capacity - live.owned_by(owner)
    if Picking(live.taken, Shares({}, {}), Cards(0, ()), limits, room, at).full() is not None:
        return []
    seen = await reading.look(session, limits)
    deploying = await session.run_sync(read_deploying, seen.projects.settings)
    if not (seen.queued or seen.requests or deploying.asked):
        return []
    workflows = await workflows_of(session, deploying.workflows_beside(reading.workflows_in(seen.queued)))
    deploying.note(live.taken, workflows)
    shares = seen.projects.shares(live)
    live.taken.columns.update(seen.begun)

    def pick(plain: Session) -> list[Pick]:
        waiting = reading.candidates_of(plain, limits, seen.asks, workflows, seen.queued, at, deploying.projects)
        going = seen.projects.settings.keys() - seen.projects.paused
        wanted = [one for one in waiting if one.project_id in going and one.id not in seen.stopping]
        wanted += [one for one in (*seen.requests, *deploying.asked) if one.project_id in going]
        if not wanted:
            return []
        cards = reading.read_cards(plain, limits, live, wanted, at)
        return Picking(live.taken, shares, cards, limits, room, at).run(wanted)

    picks = await session.run_sync(pick)
    await reading.keep_tags(session, shares, seen.projects)
    return picks


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
    else:
        run = await session.get_one(Run, before.waiting)
    run.owner, run.round = owner, task.round
    run.agent, run.model = pick.agent or run.agent, pick.candidate.model or run.model
    if before.waiting is None:
        await say_new(session, run)
    await set_state(session, task, TaskState.RUNNING, actor="scheduler", run_id=run.id)
    task.current_run_id = run.id
    return run


async def _admit_deploy(session: AsyncSession, run_id: str, pick: Pick, owner: str) -> Run:
    run = await session.get_one(Run, run_id)
    run.owner, run.agent = owner, pick.agent or run.agent
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
