"""What is paused, and how the runs that it covers stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.pauses import STANDING, Scope
from services.domain.states import LIVE_RUN
from services.pauses.covering import covered_runs
from services.store.models import HubPause, Project, Run, Task

NOT_YET, OUTSIDE = "not_yet", "outside"


@dataclass(frozen=True)
class Pause:
    """One that a person made; `name` is the project's or the task's key."""

    scope: Scope
    id: str
    name: str
    title: str
    project_id: int | None
    task_id: int | None
    at: datetime | None
    by: str | None


@dataclass(frozen=True)
class Standing:
    """A live run under a pause. `held` as in services/domain/pauses.py, or `not_yet` while its agent is being told, or
    `outside` where no agent of the hub works on it, so that nothing can stop it."""

    run_id: str
    project_id: int
    task_id: int | None
    key: str | None
    stage: str
    held: str
    since: datetime | None

    @property
    def stands(self) -> bool:
        return self.held != NOT_YET


async def read_pauses(session: AsyncSession) -> list[Pause]:
    """All there are, the widest first."""
    found: list[Pause] = []
    for row in (await session.scalars(sa.select(HubPause))).all():
        found.append(Pause(Scope.EVERYTHING, "", "everything", "", None, None, row.paused_at, row.paused_by))
    projects = sa.select(Project).where(Project.paused, Project.in_sight()).order_by(Project.id)
    for one in (await session.scalars(projects)).all():
        found.append(
            Pause(Scope.PROJECT, str(one.id), one.key, one.name, one.id, None, one.paused_at, one.paused_by)
        )  # fmt: skip
    tasks = sa.select(Task).where(Task.paused_at.is_not(None), Task.deleted_at.is_(None)).order_by(Task.id)
    for task in (await session.scalars(tasks)).all():
        ids = task.project_id, task.id
        found.append(Pause(Scope.TASK, str(task.id), task.key, task.title, *ids, task.paused_at, task.paused_by))
    runs = sa.select(Run, Task).outerjoin(Task, Task.id == Run.task_id)
    live = runs.where(Run.paused_at.is_not(None), Run.state.in_(LIVE_RUN)).order_by(Run.id)
    for run, task in (await session.execute(live)).all():
        name, title = (task.key, task.title) if task is not None else (run.stage, "")
        ids = run.project_id, run.task_id
        found.append(Pause(Scope.RUN, run.id, name, title, *ids, run.paused_at, run.paused_by))
    return found


async def read_standing(
    session: AsyncSession, *, project_id: int | None = None, task_id: int | None = None, run_id: str | None = None
) -> list[Standing]:
    """The live runs that a pause covers: all, or those of a project, a task, or the one."""
    query = covered_runs()
    for column, wanted in ((Run.project_id, project_id), (Run.task_id, task_id), (Run.id, run_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    rows: list[Any] = list(await session.execute(query))
    return [_standing(run, task) for run, task in rows]


def _standing(run: Run, task: Task | None) -> Standing:
    held = run.held if run.held in STANDING else OUTSIDE if run.owner is None else NOT_YET
    key = task.key if task is not None else None
    return Standing(run.id, run.project_id, run.task_id, key, run.stage, held or NOT_YET, run.held_at)
