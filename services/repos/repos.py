"""The room's door: everything the hub does with git, with the locks each call needs."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from services.repos import (
    checkpoint,
    clean_checkout,
    commit,
    diff,
    kept,
    kinship,
    mirror,
    notes,
    old_refs,
    overlay,
    push,
    undo,
    upkeep,
    workspace,
    worktree,
)
from services.repos.depot import Depot, resolve, revision
from services.repos.diff import PATCH_BYTES, Diff, LogEntry
from services.repos.environment import Identity
from services.repos.errors import RevisionMissing
from services.repos.git import Git
from services.repos.kept import Kept
from services.repos.kinship import Kin, Look
from services.repos.lockfiles import Locks
from services.repos.merges import Merges
from services.repos.overview import Overview, overview
from services.repos.recent import RecentWork, recent_work
from services.repos.undo import Foreseen, Undoing, Undone
from services.repos.workspace import Workspace
from services.repos.worktree import Worktree

OVERVIEW_PROCESSES = 4  # of git at a time, for all that look at once
TEXT_BYTES = 1_000_000


class Repos(Merges):
    """git for all projects of a hub. `home` is WFHUB_HOME (absolute); `seconds` limits one git call.

    Calls that write a project's shared refs hold the project's lock, calls that write a worktree that worktree's, both
    also against other processes. Every call may be done again. Errors are those of `errors.py`, and InvalidInput for
    names git cannot take. Revisions are full commit ids or names of the mirror's branches. `guard` is called before
    each git process and may refuse by raising.
    """

    def __init__(
        self, home: Path, identity: Identity, seconds: float = 120.0, guard: Callable[[], None] = lambda: None
    ) -> None:
        home = home.resolve()
        self.depot = Depot(home, Git(identity, home, seconds=seconds, guard=guard), Locks(home / "locks"))
        self._turns = asyncio.Semaphore(OVERVIEW_PROCESSES)

    async def prepare_workspace(self, path: Path, default_branch: str = "") -> Workspace:
        """See `workspace.prepare_workspace`."""
        return await workspace.prepare_workspace(self.depot.git, path, default_branch)

    async def look(self, path: Path) -> Look:
        """See `kinship.look`."""
        return await kinship.look(self.depot.git, path)

    async def kin(self, project_id: int, of: tuple[Path, str], other: tuple[Path, str]) -> tuple[Kin, str | None]:
        """See `kinship.kin`."""
        return await kinship.kin(self.depot, project_id, of, other)

    async def ensure_mirror(self, project_id: int, path: Path, branch: str) -> Path:
        """The project's bare mirror with `branch` of the workspace at `path` fetched."""
        async with self.depot.locks.hold(str(project_id)):
            return await mirror.ensure_mirror(self.depot, project_id, path, branch)

    async def fetch_target(self, project_id: int, path: Path, branch: str) -> str:
        """The commit of `branch` in the workspace at `path`, brought into the mirror."""
        async with self.depot.locks.hold(str(project_id)):
            return await mirror.fetch_target(self.depot, project_id, path, branch)

    async def open_worktree(self, project_id: int, task_key: str, branch: str, base_sha: str) -> Worktree:
        """See `worktree.open_worktree`."""
        return await worktree.open_worktree(self.depot, project_id, task_key, branch, base_sha)

    def ready_worktree(self, project_id: int, task_key: str, branch: str) -> Worktree | None:
        """See `worktree.ready_worktree`."""
        return worktree.ready_worktree(self.depot, project_id, task_key, branch)

    def ready_base_worktree(self, project_id: int, sha: str) -> Path | None:
        """See `worktree.ready_base_worktree`."""
        return worktree.ready_base_worktree(self.depot, project_id, sha)

    def knows_changes(self, project_id: int, base: str, head: str) -> bool:
        """Whether `changed_files` has been asked for these commits before, and answers without a process."""
        return self.depot.knows("changed", project_id, revision(base), revision(head))

    def knows_recent_work(self, project_id: int, head: str) -> bool:
        """Whether `recent_work` answers without a process."""
        return self.depot.knows("recent", project_id, revision(head), revision(head))

    async def recent_work(self, project_id: int, head: str) -> RecentWork:
        """See `recent.recent_work`."""
        return await recent_work(self.depot, project_id, head)

    async def base_worktree(self, project_id: int, sha: str) -> Path:
        """See `worktree.base_worktree`."""
        return await worktree.base_worktree(self.depot, project_id, sha)

    async def open_clean(self, project_id: int, sha: str, name: str) -> Path:
        """See `clean_checkout.open_clean`."""
        return await clean_checkout.open_clean(self.depot, project_id, sha, name)

    def clean_place(self, project_id: int, name: str) -> Path:
        """See `clean_checkout.place_of`."""
        return clean_checkout.place_of(self.depot, project_id, name)

    async def drop_clean(self, project_id: int, name: str) -> None:
        """See `clean_checkout.drop_clean`."""
        await clean_checkout.drop_clean(self.depot, project_id, name)

    async def sweep_base_worktrees(
        self, project_id: int, keep: Collection[str] = (), older_seconds: float = 0.0
    ) -> tuple[Path, ...]:
        """See `worktree.sweep_base_worktrees`."""
        return await worktree.sweep_base_worktrees(self.depot, project_id, keep, older_seconds)

    async def runs_with_refs(self, project_id: int) -> list[str]:
        """See `old_refs.runs_with_refs`."""
        return await old_refs.runs_with_refs(self.depot, project_id)

    async def remove_run_refs(self, project_id: int, run_ids: Collection[str]) -> int:
        """See `old_refs.remove_refs`."""
        async with self.depot.locks.hold(str(project_id)):
            return await old_refs.remove_refs(self.depot, project_id, run_ids)

    async def remove_worktree(self, project_id: int, task_key: str, branch: str, merged: str | None = None) -> None:
        """See `worktree.remove_worktree`."""
        async with self.depot.locks.hold(str(project_id)):
            await worktree.remove_worktree(self.depot, project_id, task_key, branch, merged)

    async def uncommitted(self, project_id: int, task_key: str) -> tuple[str, ...]:
        """See `worktree.uncommitted`."""
        return await worktree.uncommitted(self.depot, project_id, task_key)

    async def drop_checkout(self, project_id: int, task_key: str) -> None:
        """See `worktree.drop_checkout`."""
        await worktree.drop_checkout(self.depot, project_id, task_key)

    def task_folders(self, project_id: int) -> list[str]:
        """The keys of the tasks that have a worktree on the disk."""
        folder = self.depot.worktrees(project_id)
        found = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        return [name for name in found if not name.startswith("base-")]

    async def task_branches(self, project_id: int) -> list[str]:
        """The mirror's branches that the hub made for tasks."""
        return await kept.task_branches(self.depot, project_id)

    async def keep_tip(self, project_id: int, task_key: str, sha: str, why: str) -> str:
        """See `kept.keep_tip`."""
        return await kept.keep_tip(self.depot, project_id, task_key, sha, why)

    async def retire_branch(self, project_id: int, task_key: str, branch: str) -> None:
        """See `kept.retire_branch`."""
        await kept.retire_branch(self.depot, project_id, task_key, branch)

    async def recoverable(self, project_id: int, task_key: str, run_ids: Collection[str] = ()) -> list[Kept]:
        """See `kept.recoverable`."""
        return await kept.recoverable(self.depot, project_id, task_key, run_ids)

    async def sweep_kept(self, project_id: int, older_seconds: float, spared: Collection[str] = ()) -> int:
        """See `kept.sweep_kept`."""
        async with self.depot.locks.hold(str(project_id)):
            return await kept.sweep_kept(self.depot, project_id, older_seconds, spared)

    async def keep_small(self, project_id: int, how: upkeep.Upkeep) -> bool:
        """See `upkeep.keep_small`."""
        async with self.depot.locks.hold(str(project_id)):
            return await upkeep.keep_small(self.depot, project_id, how)

    async def foresee_undo(self, merge: Undoing, message: str) -> Foreseen:
        """See `undo.foresee_undo`."""
        async with self.depot.locks.hold(str(merge.project_id)):
            return await undo.foresee_undo(self.depot, merge, message)

    async def undo_merge(
        self, merge: Undoing, message: str, trailers: Mapping[str, str], name: str, expected_target: str | None = None
    ) -> Undone:
        """See `undo.undo_merge`."""
        async with self.depot.locks.hold(str(merge.project_id)):
            return await undo.undo_merge(self.depot, merge, message, trailers, name, expected_target)

    async def bring_back(self, project_id: int, target: str, undone: str, message: str) -> str:
        """See `undo.bring_back`."""
        return await undo.bring_back(self.depot, project_id, target, undone, message)

    async def make_branch(self, project_id: int, branch: str, sha: str) -> None:
        """See `kept.make_branch`."""
        await kept.make_branch(self.depot, project_id, branch, sha)

    async def checkpoint(self, tree: Worktree, run_id: str) -> str:
        """See `checkpoint.checkpoint`."""
        return await checkpoint.checkpoint(self.depot, tree, run_id)

    def checkpoint_at_once(self, tree: Worktree, run_id: str) -> bool:
        """See `checkpoint.checkpoint_at_once`."""
        return checkpoint.checkpoint_at_once(self.depot, tree, run_id)

    async def restore(self, tree: Worktree, sha: str, run_id: str) -> str | None:
        """See `checkpoint.restore`."""
        async with self.depot.locks.hold(tree.lock):
            return await checkpoint.restore(self.depot, tree, sha, run_id)

    async def commit_all(self, tree: Worktree, message: str, trailers: Mapping[str, str]) -> str | None:
        """See `commit.commit_all`."""
        async with self.depot.locks.hold(tree.lock):
            return await commit.commit_all(self.depot, tree, message, trailers)

    def mirror(self, project_id: int) -> Path:
        """Where the project's bare mirror lies."""
        return self.depot.mirror(project_id)

    async def target(self, project_id: int, path: Path, branch: str) -> str:
        """The newest commit of `branch` in the workspace; the mirror is made where there is none yet."""
        async with self.depot.locks.hold(str(project_id)):
            if not (self.depot.mirror(project_id) / "HEAD").exists():
                await mirror.ensure_mirror(self.depot, project_id, path, branch)
            return await mirror.fetch_target(self.depot, project_id, path, branch)

    async def head(self, project_id: int, branch: str) -> str:
        """The commit of a branch of the mirror. Raises RevisionMissing."""
        ref = revision(branch)
        sha = self.depot.commit_of(project_id, ref) or await resolve(self.depot.git, self.depot.bare(project_id), ref)
        if sha is None:
            raise RevisionMissing(f"The branch {branch} is not in the hub's mirror.", "Run the task again.")
        return sha

    def known_target(self, project_id: int, path: Path, branch: str) -> str | None:
        """`target` where no process has to be started for it."""
        return mirror.known_target(self.depot, project_id, path, branch)

    async def push(self, path: Path, remote: str, branch: str, commit: str) -> None:
        """See `push.push`; `path` is the workspace."""
        await push.push(self.depot, path, remote, branch, commit)

    async def diff(self, project_id: int, base: str, head: str, patch_bytes: int = PATCH_BYTES) -> Diff:
        """See `diff.diff`."""
        return await diff.diff(self.depot, project_id, base, head, patch_bytes)

    async def changed_files(self, project_id: int, base: str, head: str) -> tuple[str, ...]:
        """The paths that differ between two commits."""
        return await diff.changed_files(self.depot, project_id, base, head)

    async def texts(
        self, project_id: int, head: str, paths: Sequence[str], limit: int = TEXT_BYTES
    ) -> dict[str, str | None]:
        """See `diff.texts`."""
        return await diff.texts(self.depot, project_id, head, paths, limit)

    async def laid_over(self, project_id: int, base: str, head: str, belongs: Callable[[str], bool]) -> str | None:
        """See `overlay.laid_over`."""
        return await overlay.laid_over(self.depot, project_id, base, head, belongs)

    async def patch_id(self, project_id: int, base: str, head: str) -> str:
        """See `diff.patch_id`."""
        return await diff.patch_id(self.depot, project_id, base, head)

    async def merge_base(self, project_id: int, one: str, other: str) -> str:
        """The best common ancestor of two revisions."""
        return await diff.merge_base(self.depot, project_id, one, other)

    async def log(
        self, project_id: int, head: str, count: int = 20, without: str | None = None
    ) -> tuple[LogEntry, ...]:
        """See `diff.log`."""
        return await diff.log(self.depot, project_id, head, count, without)

    async def notes(self, path: Path) -> tuple[str, ...]:
        """See `notes.notes`; `path` is the workspace."""
        return await notes.notes(self.depot, path)

    async def overview(self, project_id: int, path: Path, branch: str) -> Overview:
        """See `overview.overview`; `path` is the workspace, `branch` the project's."""
        return await overview(self.depot, project_id, path, branch, self._turns)
