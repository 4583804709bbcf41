"""The part of the room's door that brings a branch and its target together."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from services.repos import carry_over, merge, update
from services.repos.carry_over import Conflict
from services.repos.depot import Depot, revision
from services.repos.merge import Merged
from services.repos.methods import MergeMethod
from services.repos.update import DryMerge, Update
from services.repos.worktree import Worktree


class Merges:
    """See `Repos`, which is this and all else."""

    depot: Depot

    async def contains(self, project_id: int, holder: str, commit: str) -> bool:
        """Whether `holder` has `commit` in its history; both are revisions."""
        return await update.contains(self.depot, project_id, revision(holder), revision(commit))

    async def dry_merge(self, project_id: int, branch: str, target_sha: str) -> DryMerge:
        """See `update.dry_merge`."""
        return await update.dry_merge(self.depot, project_id, branch, target_sha)

    async def conflicts(self, project_id: int, branch: str, target_sha: str) -> tuple[Conflict, ...]:
        """What the branch and the target both changed so that git can't merge it; see `carry_over.Conflict`."""
        return (await carry_over.conflicts(self.depot, project_id, branch, target_sha))[1]

    async def carry_over(
        self, project_id: int, branch: str, new_branch: str, target_sha: str, trailers: Mapping[str, str]
    ) -> str | None:
        """See `carry_over.carry_over`."""
        async with self.depot.locks.hold(str(project_id)):
            return await carry_over.carry_over(self.depot, project_id, branch, new_branch, target_sha, trailers)

    async def foresee(
        self,
        project_id: int,
        path: Path,
        branch: str,
        target_branch: str,
        message: str,
        trailers: Mapping[str, str],
        method: MergeMethod = "merge",
    ) -> str | None:
        """See `merge.foresee`; `path` is the workspace."""
        async with self.depot.locks.hold(str(project_id)):
            return await merge.foresee(self.depot, project_id, path, branch, target_branch, message, trailers, method)

    async def is_behind(self, project_id: int, branch: str, target_sha: str) -> bool:
        """Whether the target has commits that the branch does not."""
        return await update.is_behind(self.depot, project_id, branch, target_sha)

    async def update_from_target(self, tree: Worktree, target_sha: str, trailers: Mapping[str, str]) -> Update:
        """See `update.update_from_target`."""
        async with self.depot.locks.hold(tree.lock):
            return await update.update_from_target(self.depot, tree, target_sha, trailers)

    async def merge(
        self,
        project_id: int,
        path: Path,
        branch: str,
        target_branch: str,
        message: str,
        trailers: Mapping[str, str],
        run_id: str,
        expected_target: str | None = None,
        meanwhile: Callable[[str], Awaitable[object]] | None = None,
        method: MergeMethod = "merge",
    ) -> Merged:
        """See `merge.merge`; `path` is the workspace."""
        async with self.depot.locks.hold(str(project_id)):
            return await merge.merge(
                self.depot, project_id, path, branch, target_branch, message, trailers, run_id, expected_target,
                meanwhile, method,
            )  # fmt: skip

    async def merged_before(self, project_id: int, target: str, run_id: str) -> Merged | None:
        """See `merge.merged_before`."""
        return await merge.merged_before(self.depot, project_id, target, run_id)

    async def merged_by_another(self, project_id: int, tip: str, target: str) -> Merged | None:
        """See `merge.merged_by_another`."""
        return await merge.merged_by_another(self.depot, project_id, tip, target)
