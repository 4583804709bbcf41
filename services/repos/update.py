"""Whether a branch merges, and bringing a task's branch up to a target that moved."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.repos.commit import with_trailers
from services.repos.depot import Depot, checked_sha, revision
from services.repos.errors import WorktreeDirty
from services.repos.status import status
from services.repos.worktree import Worktree


@dataclass(frozen=True, slots=True)
class DryMerge:
    """What merging would give: `tree` is the merged tree, `conflicts` the files that need a decision."""

    clean: bool
    conflicts: tuple[str, ...]
    tree: str


@dataclass(frozen=True, slots=True)
class Update:
    """`head` is the branch's commit afterwards; with conflicts the branch and its files are as they were."""

    clean: bool
    conflicts: tuple[str, ...]
    head: str


async def dry_merge(depot: Depot, project_id: int, branch: str, target_sha: str) -> DryMerge:
    """Merge `branch` (a branch of the mirror or a commit) into `target_sha` without touching any ref or file."""

    async def ask(tip: str, target: str) -> DryMerge:
        output = await depot.git.run(
            depot.bare(project_id), "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z",
            target, tip, ok=(0, 1),
        )  # fmt: skip
        tree, *conflicts = output.names
        return DryMerge(output.code == 0, tuple(dict.fromkeys(conflicts)), tree)

    return await depot.fact("merged", project_id, revision(branch), checked_sha(target_sha), ask)


async def is_behind(depot: Depot, project_id: int, branch: str, target_sha: str) -> bool:
    """Whether the target has commits that the branch does not."""
    return not await contains(depot, project_id, revision(branch), target_sha)


async def contains(depot: Depot, project_id: int, holder: str, commit: str) -> bool:
    """Whether `holder` (a ref or commit id) has `commit` in its history."""

    async def ask(holder: str, commit: str) -> bool:
        args = ("merge-base", "--is-ancestor", commit, holder)
        return holder == commit or (await depot.git.run(depot.bare(project_id), *args, ok=(0, 1))).code == 0

    return await depot.fact("contains", project_id, holder, commit, ask)


async def update_from_target(depot: Depot, worktree: Worktree, target_sha: str, trailers: Mapping[str, str]) -> Update:
    """Merge the target into the task's branch by a merge commit. The lock of the worktree is held.

    Nothing changes when the branch has it already, or when there are conflicts. Raises WorktreeDirty.
    """
    git, where = depot.git, worktree.where
    state = await status(git, where)
    if state.paths:
        raise WorktreeDirty(
            f"{worktree.path} has changes that are not committed.", "Commit them first.", files=list(state.shown[:50])
        )
    head = state.head or worktree.head
    if await contains(depot, worktree.project_id, head, target_sha):
        return Update(True, (), head)
    dry = await dry_merge(depot, worktree.project_id, head, target_sha)
    if not dry.clean:
        return Update(False, dry.conflicts, head)
    message = with_trailers(f"Merge the moved target into {worktree.branch}", trailers)
    parents = ("-p", head, "-p", target_sha)
    commit = (await git.run(where, "commit-tree", *parents, dry.tree, stdin=message.encode())).text
    # Files first, then the ref: a crash in between shows as a dirty worktree, which restore knows how to handle.
    await git.run(where, "reset", "--hard", "--quiet", commit)
    return Update(True, (), commit)
