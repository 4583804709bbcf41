"""What a task's branch changes, as an approval binds to it."""

from dataclasses import dataclass, field

from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.store.models import Task


@dataclass(frozen=True)
class Change:
    """`patch_id` is git's stable one: the same after a rebase that changes nothing. `stat`: files, added, removed."""

    base_sha: str
    head_sha: str
    patch_id: str
    stat: dict[str, int] = field(default_factory=dict)


async def read_change(repos: Repos, project_id: int, base: str, branch: str) -> Change:
    """Runs git: hold no transaction. Raises RevisionMissing."""
    diff = await repos.diff(project_id, base, branch)
    stat = {"files": len(diff.files), "added": diff.added, "removed": diff.removed}
    return Change(base, await repos.head(project_id, branch), await repos.patch_id(project_id, base, branch), stat)


async def change_of_task(repos: Repos, task: Task) -> Change | None:
    """The task's own change; None before the first commit on its branch, and where the branch is gone."""
    if task.branch is None or task.base_sha is None:
        return None
    try:
        change = await read_change(repos, task.project_id, task.base_sha, task.branch)
    except RevisionMissing:
        return None
    return change if change.stat["files"] else None
