"""What a task's branch changes, as an approval binds to it."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_

from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.store.models import Approval, Task


@dataclass(frozen=True)
class Change:
    """`patch_id` is git's stable one: the same after a rebase that changes nothing. `stat`: files, added, removed."""

    base_sha: str
    head_sha: str
    patch_id: str
    stat: dict[str, int] = field(default_factory=dict)

    def is_meant_by(self, approval: Approval) -> bool:
        """`is_of` for a row at hand."""
        same_commits = (approval.base_sha, approval.head_sha) == (self.base_sha, self.head_sha)
        return approval.patch_id == self.patch_id or same_commits


def is_of(base_sha: str, head_sha: str, patch_id: str) -> ColumnElement[bool]:
    """Whether an approval is of this change: the same patch, or the very same commits (an older hub's ids of patches
    were others)."""
    same_commits = and_(Approval.base_sha == base_sha, Approval.head_sha == head_sha)
    return or_(Approval.patch_id == patch_id, same_commits)


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
