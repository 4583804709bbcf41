"""Removes what the disk holds of tasks that are over: worktrees, and branches whose work is on the target."""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
import structlog

from services.domain.errors import HubError
from services.domain.states import CLOSED_TASK
from services.repos.repos import Repos
from services.store.database import Database
from services.store.models import Project, Run, Task
from services.store.types import now

log = structlog.get_logger()
MOST_AT_ONCE = 50


async def sweep_tasks(db: Database, repos: Repos, project: Project, keep_days: float) -> int:
    """Of tasks done or cancelled longer than `keep_days` ago; how many worktrees and branches went.

    The branches of a task that is not merged stay: who opens the task again finds them. Those of a merged one go, with
    those it left on the way; their tips are kept under refs, and so is what was not committed.
    """
    branches = await repos.task_branches(project.id)
    folders = repos.task_folders(project.id)
    over = await _over(db, project.id, {*folders, *map(_key_of, branches)}, keep_days)
    gone = 0
    for key in list(over)[:MOST_AT_ONCE]:
        own = [branch for branch in branches if _key_of(branch) == key]
        try:
            gone += await _sweep_one(db, repos, over[key], own, has_folder=key in folders, keep_days=keep_days)
        except HubError as error:
            log.warning("tidy.worktree", task=key, error=str(error)[:300])
    return gone


def _key_of(branch: str) -> str:
    """The task's key in wfhub/<key>-<n>."""
    return branch.removeprefix("wfhub/").rpartition("-")[0]


async def _over(db: Database, project_id: int, keys: Collection[str], keep_days: float) -> dict[str, Task]:
    """Those of the tasks that nobody works on any more, by key; whose agent may still be at work is not among them."""
    stopping = sa.exists().where(Run.task_id == Task.id, Run.stopping)
    query = sa.select(Task).where(
        Task.project_id == project_id, Task.key.in_(keys), Task.state.in_(CLOSED_TASK),
        Task.updated_at < now() - timedelta(days=keep_days), ~stopping,
    )  # fmt: skip
    async with db.read() as session:
        return {task.key: task for task in (await session.scalars(query.order_by(Task.updated_at))).all()}


async def _sweep_one(
    db: Database, repos: Repos, task: Task, branches: list[str], *, has_folder: bool, keep_days: float
) -> int:
    if not await _over(db, task.project_id, [task.key], keep_days):
        return 0  # opened again meanwhile
    if has_folder:
        await repos.drop_checkout(task.project_id, task.key)
    gone = int(has_folder)
    if task.merged_sha is None:
        return gone
    for branch in branches:
        if branch == task.branch:
            await repos.remove_worktree(task.project_id, task.key, branch, task.merged_sha)
        else:  # left when its work began anew on another one
            await repos.retire_branch(task.project_id, task.key, branch)
    return gone + len(branches)
