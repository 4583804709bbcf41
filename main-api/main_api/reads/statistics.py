"""What the board did in the last days: throughput, how often each stage passed, how long it took, what it cost."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.money import usd
from main_api.schemas.statistics import DayOut, ModelLoads, StageStatistics, StatisticsOut, WipViolation
from services.domain.states import CLOSED_TASK, RunState
from services.projects.edit import get_project
from services.roles.read import workflow_by_id
from services.scheduling.admit import occupied_places
from services.store.models import Event, ModelLoad, Project, Run, Task
from services.store.types import now


async def read_statistics(session: AsyncSession, project_id: int | None, days: int) -> StatisticsOut:
    """Of one project or of all that are there; `days` counts back from today, which is one of them. All in UTC."""
    if project_id is not None:
        await get_project(session, project_id)
    used = await workflows_in_use(session, project_id)
    projects = list(used)
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - dt.timedelta(days=days - 1)
    tasks = (
        await session.execute(
            sa.select(Task.id, Task.stage, Task.state, Task.created_at).where(
                Task.project_id.in_(projects), Task.deleted_at.is_(None)
            )
        )
    ).all()
    done = await _done(session, projects, since)
    made = {task.id: task.created_at for task in tasks}
    leads = [(at - made[task_id]).total_seconds() for task_id, at in done.items() if task_id in made]
    runs = await _runs(session, projects, since)
    return StatisticsOut(
        days=days,
        since=since,
        by_state=dict(Counter(task.state for task in tasks)),
        by_stage=dict(Counter(task.stage for task in tasks if task.state not in CLOSED_TASK)),
        throughput=_by_day(since, days, made.values(), done.values()),
        done=len(done),
        median_lead_seconds=round(median(leads), 3) if leads else None,
        stages=_by_stage(runs),
        cost_usd=usd(sum(run.cost for run in runs)),
        tokens=sum(run.tokens for run in runs),
        violations=await read_violations(session, used, await occupied_places(session)),
        model_loads=await _model_loads(session, since),
    )


async def _model_loads(session: AsyncSession, since: dt.datetime) -> list[ModelLoads]:
    query = sa.select(ModelLoad.model, sa.func.count(), sa.func.avg(ModelLoad.seconds)).where(
        ModelLoad.created_at >= since
    )
    rows = await session.execute(query.group_by(ModelLoad.model).order_by(ModelLoad.model))
    return [
        ModelLoads(model=model, loads=count, mean_seconds=None if mean is None else round(mean, 3))
        for model, count, mean in rows
    ]


async def read_violations(
    session: AsyncSession, used: Mapping[int, int], occupied: Mapping[tuple[int, str], int]
) -> list[WipViolation]:
    """Stages that hold more begun tasks than their limit.

    `used` has the workflow of each project, `occupied` counts the begun tasks by project and stage.
    """
    found: list[WipViolation] = []
    known = {workflow_id: await workflow_by_id(session, workflow_id) for workflow_id in set(used.values())}
    for (project, name), count in sorted(occupied.items()):
        workflow = known[used[project]] if project in used else None
        if workflow is None or not workflow.has(name) or count <= workflow.stage(name).wip:
            continue
        stage = workflow.stage(name)
        found.append(WipViolation(project_id=project, stage=name, title=stage.title, count=count, wip=stage.wip))
    return found


async def workflows_in_use(session: AsyncSession, project_id: int | None) -> dict[int, int]:
    """The workflow of each project, or of this one, by their ids."""
    query = sa.select(Project.id, Project.workflow_id)
    if project_id is not None:  # an archived one too, when it is asked for
        query = query.where(Project.id == project_id, Project.deleted_at.is_(None))
    else:
        query = query.where(Project.in_sight())
    return {row.id: row.workflow_id for row in await session.execute(query)}


async def _done(session: AsyncSession, projects: Sequence[int], since: dt.datetime) -> dict[int, dt.datetime]:
    """When each task was done, the last time."""
    query = sa.select(Event.task_id, sa.func.max(Event.at)).where(
        Event.project_id.in_(projects), Event.kind == "task.done", Event.at >= since
    )
    rows = await session.execute(query.group_by(Event.task_id))
    return {task_id: at for task_id, at in rows if task_id is not None}


async def _runs(session: AsyncSession, projects: Sequence[int], since: dt.datetime) -> Sequence[Any]:
    query = sa.select(
        Run.stage,
        Run.state,
        Run.started_at,
        Run.finished_at,
        Run.cost,
        (Run.tokens_in + Run.tokens_out).label("tokens"),
    )
    return (await session.execute(query.where(Run.project_id.in_(projects), Run.finished_at >= since))).all()


def _by_day(since: dt.datetime, days: int, made: Any, done: Any) -> list[DayOut]:
    created, ended = Counter(at.date() for at in made), Counter(at.date() for at in done)
    dates = [since.date() + dt.timedelta(days=number) for number in range(days)]
    return [DayOut(day=day, created=created[day], done=ended[day]) for day in dates]


def _by_stage(runs: Sequence[Any]) -> list[StageStatistics]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for run in runs:
        grouped[run.stage].append(run)
    return [_stage(stage, rows) for stage, rows in sorted(grouped.items())]


def _stage(stage: str, runs: list[Any]) -> StageStatistics:
    states = Counter(run.state for run in runs)
    passed, failed = states[RunState.PASSED], states[RunState.FAILED]
    seconds = [(run.finished_at - run.started_at).total_seconds() for run in runs if run.started_at]
    return StageStatistics(
        stage=stage, runs=len(runs), passed=passed, failed=failed, blocked=states[RunState.BLOCKED],
        cancelled=states[RunState.CANCELLED], lost=states[RunState.LOST],
        pass_rate=round(passed / (passed + failed), 4) if passed + failed else None,
        mean_seconds=round(fmean(seconds), 3) if seconds else None,
        longest_seconds=round(max(seconds), 3) if seconds else None,
        cost_usd=usd(sum(run.cost for run in runs)), tokens=sum(run.tokens for run in runs),
    )  # fmt: skip
