"""What a project holds, and what becomes of it when it goes out of sight."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.inbox import all_waiting
from main_api.schemas.place import RemovalOut, RunOutline
from services.domain.states import LIVE_RUN, OPEN_TASK
from services.models.budgets import Defaults
from services.projects.switch import begun_keys
from services.repos.repos import Repos
from services.store.models import Project, Run, Task

SHOWN = 10


async def read_removal(session: AsyncSession, repos: Repos, project: Project, budgets: Defaults) -> RemovalOut:
    live = (
        sa.select(Run.id, Task.key.label("task_key"), Run.stage, Run.state)
        .outerjoin(Task, Task.id == Run.task_id)
        .where(Run.project_id == project.id, Run.state.in_(LIVE_RUN))
        .order_by(Run.queued_at)
    )
    running = [RunOutline.model_validate(row) for row in await session.execute(live)]
    here = sa.select(sa.func.count()).where(Task.project_id == project.id, Task.deleted_at.is_(None))
    still_open = int(await session.scalar(here.where(Task.state.in_(OPEN_TASK))) or 0)
    runs = sa.select(sa.func.count()).where(Run.project_id == project.id)
    waiting = sum(item.project_id == project.id for item in await all_waiting(session, budgets))
    branches = await begun_keys(session, project.id)
    trees = len(repos.task_folders(project.id))
    return RemovalOut(
        running=running,
        open_tasks=still_open,
        waiting=waiting,
        tasks=int(await session.scalar(here) or 0),
        runs=int(await session.scalar(runs) or 0),
        branches=branches,
        worktrees=trees,
        archive=_archive(running, still_open, waiting),
        delete=_delete(Path(project.workspace_path), running, still_open, branches, trees),
    )


def _archive(running: list[RunOutline], still_open: int, waiting: int) -> list[str]:
    return [
        *_killed(running),
        "It goes out of the board, the switcher, the inbox and the sums, and nothing of it begins.",
        *([f"{_counted(still_open, 'open task', 'rests', 'rest')} until it is brought back."] if still_open else []),
        *([f"{_counted(waiting, 'inbox item', 'waits', 'wait')} with it."] if waiting else []),
        "Everything of it is kept: tasks, history, evidence, branches. It comes back paused, as it is now.",
    ]


def _delete(
    workspace: Path, running: list[RunOutline], still_open: int, branches: list[str], trees: int
) -> list[str]:  # fmt: skip
    named = f"{', '.join(branches[:SHOWN])}{' and others' if len(branches) > SHOWN else ''}"
    return [
        *_killed(running),
        "It is gone from every list, and there is no way back in the page.",
        *([f"{_counted(still_open, 'open task', 'is', 'are')} never done."] if still_open else []),
        *([f"Not merged, and kept in the hub's own copy alone: the branches of {named}."] if branches else []),
        *([f"{_counted(trees, 'worktree', 'stays', 'stay')} on the hub's disk until a sweep."] if trees else []),
        "Its history, runs and evidence stay readable by their ids.",
        f"The folder {workspace} is yours: nothing in it is changed or taken away.",
    ]


def _killed(running: list[RunOutline]) -> list[str]:
    if not running:
        return []
    named = ", ".join(f"{run.task_key or 'planning'} at {run.stage}" for run in running[:SHOWN])
    return [f"{_counted(len(running), 'live run', 'is', 'are')} killed: {named}."]


def _counted(number: int, what: str, does: str, do: str) -> str:
    return f"{number} {what} {does}" if number == 1 else f"{number} {what}s {do}"
