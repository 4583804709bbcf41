"""The hub's own bare copy of a project's repository; task branches and worktrees hang on it."""

import os
import shutil
from pathlib import Path

from services.repos.depot import Depot, checked_branch, loose_ref, resolve
from services.repos.errors import RevisionMissing
from services.repos.git import Where
from services.repos.refusals import system_refusals
from services.repos.whole import refuse_partial

FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--update-shallow")
# For whoever else runs git in a worktree (an agent, the person); the hub's own calls override these anyway.
MIRROR_CONFIG = """[core]
\thooksPath = /dev/null
\tfsmonitor = false
[gc]
\tauto = 0
\tworktreePruneExpire = never
[maintenance]
\tauto = false
"""


def target_ref(branch: str) -> str:
    """The mirror's ref that follows `branch` of the person's repository."""
    return f"refs/remotes/workspace/{checked_branch(branch)}"


async def ensure_mirror(depot: Depot, project_id: int, workspace: Path, branch: str) -> Path:
    """Make the mirror unless it is there, and bring it the workspace's `branch`. The lock of the project is held."""
    mirror = depot.mirror(project_id)
    if not (mirror / "HEAD").exists():
        await depot.git.check_version()
        await create_empty(depot, mirror, await _head(depot, workspace, branch))
    await fetch_target(depot, project_id, workspace, branch)
    return mirror


async def fetch_target(depot: Depot, project_id: int, workspace: Path, branch: str) -> str:
    """The commit of `branch` in the workspace, fetched into the mirror. The lock of the project is held.

    Raises RevisionMissing, WorkspaceMissing, WorkspacePartial, RepositoryForbidden, RepositoryNotOwned,
    RepositoryDiskFull.
    """
    if (target := known_target(depot, project_id, workspace, branch)) is not None:
        return target
    ref, bare = target_ref(branch), depot.bare(project_id)
    known = loose_ref(bare.folder, ref)
    head = await _head(depot, workspace, branch)
    if known == head:
        depot.is_there(project_id, head)
        return head
    await refuse_partial(depot.git, workspace, branch)
    await depot.git.run(bare, *FETCH, str(workspace), f"+refs/heads/{branch}:{ref}")
    return await resolve(depot.git, bare, ref) or head


def known_target(depot: Depot, project_id: int, workspace: Path, branch: str) -> str | None:
    """`fetch_target` where the mirror has what the workspace has, as plain files tell; it starts no process."""
    known = loose_ref(depot.mirror(project_id), target_ref(branch))
    if known is None or known != _own_ref(workspace, branch):
        return None
    depot.is_there(project_id, known)
    return known


async def follow_merge(depot: Depot, project_id: int, workspace: Path, branch: str, made: str) -> str:
    """`fetch_target` after a merge: what the workspace now has was made in the mirror, so there is nothing to fetch."""
    if made != (_own_ref(workspace, branch) or await _head(depot, workspace, branch)):
        return await fetch_target(depot, project_id, workspace, branch)
    await depot.git.run(depot.bare(project_id), "update-ref", target_ref(branch), made)
    depot.is_there(project_id, made)
    return made


def _own_ref(workspace: Path, branch: str) -> str | None:
    """The branch's commit as a plain file of a repository of our own user's tells it; else only git can."""
    git_dir = workspace / ".git"
    try:
        ours = workspace.stat().st_uid == git_dir.lstat().st_uid == os.geteuid()
        return loose_ref(git_dir, f"refs/heads/{checked_branch(branch)}") if ours and git_dir.is_dir() else None
    except OSError:  # missing or forbidden: git says it better
        return None


async def _head(depot: Depot, workspace: Path, branch: str) -> str:
    ref = f"refs/heads/{checked_branch(branch)}"
    head = await resolve(depot.git, Where(workspace), ref)
    if head is None:
        await depot.git.run(Where(workspace), "rev-parse", "--git-dir")  # says so when it is no repository, or not ours
        raise RevisionMissing(f"{workspace} has no branch {branch}.", f"Make it: git branch {branch}.", branch=branch)
    return head


async def create_empty(depot: Depot, mirror: Path, head: str) -> None:
    """A mirror for commits such as `head`, built beside its place and moved there: a crash leaves nothing half made."""
    building = mirror.with_suffix(".building")
    with system_refusals(mirror):
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
    kind = "sha256" if len(head) == 64 else "sha1"
    await depot.git.run(
        Where(building), "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", str(building)
    )
    with system_refusals(mirror):
        with (building / "config").open("a") as config:
            config.write(MIRROR_CONFIG)
        info = building / "info"
        info.mkdir(exist_ok=True)
        (info / "exclude").write_text(".workflow/\n")
        # The strongest attributes there are: no .gitattributes of a branch can ask for a filter.
        (info / "attributes").write_text("* -filter\n")
        building.rename(mirror)
