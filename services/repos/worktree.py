"""A task's own checkout. Made, found again, mended after a crash, and removed once its work is merged."""

import asyncio
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from services.repos.depot import (
    Depot,
    absent_ref,
    checked_branch,
    checked_key,
    checked_sha,
    loose_ref,
    resolve,
)
from services.repos.errors import NotMerged, RevisionMissing
from services.repos.git import Where
from services.repos.kept import keep_tip
from services.repos.lost import save_lost
from services.repos.refusals import system_refusals
from services.repos.status import status

MAKING = "Workflow Hub makes this worktree\n"
# git never prunes a locked worktree, not even from a container that does not see it.
IN_USE = "Workflow Hub works here\n"


@dataclass(frozen=True, slots=True)
class Worktree:
    """A checkout of `branch` at `path`. `head` is its commit when it was opened; `git_dir` is the mirror."""

    project_id: int
    task_key: str
    path: Path
    branch: str
    head: str
    git_dir: Path

    @property
    def where(self) -> Where:
        """For git calls in this worktree; its `.git` file, which an agent may have rewritten, is not read."""
        return at(self.git_dir, self.path)

    @property
    def admin(self) -> Path:
        """The worktree's private part of the mirror: HEAD and index."""
        return self.git_dir / "worktrees" / self.path.name

    @property
    def lock(self) -> str:
        """The name of the lock that a change of this worktree holds."""
        return lock_of(self.project_id, self.task_key)


def at(mirror: Path, path: Path) -> Where:
    """For git calls in the worktree of `mirror` at `path`."""
    return Where(path, git_dir=mirror / "worktrees" / path.name, work_tree=path)


def lock_of(project_id: int, name: str) -> str:
    """The name of the lock for a worktree."""
    return f"{project_id}-{name}"


async def open_worktree(depot: Depot, project_id: int, task_key: str, branch: str, base_sha: str) -> Worktree:
    """The task's worktree on `branch`, which starts at `base_sha` when it does not exist. No process starts when
    all is well. Mends what a crash left; files that would be lost by it are kept under refs/wfhub/lost/<task_key>-<n>.
    Raises RevisionMissing when `base_sha` is not in the mirror."""
    mirror = depot.mirror(project_id)
    path = depot.worktrees(project_id) / checked_key(task_key)
    head = f"ref: refs/heads/{checked_branch(branch)}"
    checked_sha(base_sha)
    if not is_healthy(mirror, path, head):
        async with depot.locks.hold(lock_of(project_id, task_key)):
            await _ensure_branch(depot, project_id, branch, base_sha)
            await check_out(depot, mirror, path, head, task_key)
    sha = loose_ref(mirror, f"refs/heads/{branch}") or await resolve(depot.git, at(mirror, path), "HEAD")
    if sha is None:  # the branch's ref is gone or damaged though its worktree is there
        async with depot.locks.hold(lock_of(project_id, task_key)):
            sha = await _ensure_branch(depot, project_id, branch, base_sha)
    return Worktree(project_id, task_key, path, branch, sha, mirror)


def ready_worktree(depot: Depot, project_id: int, task_key: str, branch: str) -> Worktree | None:
    """`open_worktree` where nothing has to be made or mended; it starts no process and waits for nothing."""
    mirror, path = depot.mirror(project_id), depot.worktrees(project_id) / checked_key(task_key)
    ref = f"refs/heads/{checked_branch(branch)}"
    sha = loose_ref(mirror, ref)
    if sha is None or not is_healthy(mirror, path, f"ref: {ref}"):
        return None
    return Worktree(project_id, task_key, path, branch, sha, mirror)


def ready_base_worktree(depot: Depot, project_id: int, sha: str) -> Path | None:
    """`base_worktree` where it has nothing to do; it starts no process."""
    path = depot.worktrees(project_id) / f"base-{checked_sha(sha)[:12]}"
    return path if is_healthy(depot.mirror(project_id), path, sha) else None


async def base_worktree(depot: Depot, project_id: int, sha: str) -> Path:
    """A checkout of the commit `sha`, for comparing with. Kept for the next call; nobody may write to it."""
    mirror = depot.mirror(project_id)
    path = depot.worktrees(project_id) / f"base-{checked_sha(sha)[:12]}"
    if not is_healthy(mirror, path, sha):
        async with depot.locks.hold(lock_of(project_id, path.name)):
            await require_commit(depot, project_id, sha)
            await check_out(depot, mirror, path, sha, None)
    return path


async def sweep_base_worktrees(
    depot: Depot, project_id: int, keep: Collection[str] = (), older_seconds: float = 0.0
) -> tuple[Path, ...]:
    """Remove the base worktrees but those of the commits in `keep`, and those made less than `older_seconds` ago; the
    removed paths."""
    kept = {f"base-{checked_sha(sha)[:12]}" for sha in keep}
    swept: list[Path] = []
    for path in sorted(depot.worktrees(project_id).glob("base-*")):
        if path.name not in kept and _age(path) >= older_seconds:
            async with depot.locks.hold(lock_of(project_id, path.name)):
                await erase(depot.mirror(project_id), path)
            swept.append(path)
    return tuple(swept)


def _age(path: Path) -> float:
    """Seconds since it was made: its `.git` file is written then, and never again while it is whole."""
    try:
        return max(0.0, time.time() - (path / ".git").stat().st_mtime)
    except OSError:
        return float("inf")  # half made, or half removed


async def remove_worktree(depot: Depot, project_id: int, task_key: str, branch: str, merged: str | None = None) -> None:
    """Remove a merged task's worktree and branch, whose tip is kept under refs/wfhub/kept/<task_key>. Raises NotMerged
    while no followed branch of the person's repository holds all of the branch's commits, or `merged`, the commit that
    brought them where they were squashed or rebased. What was not committed is kept as `drop_checkout` does."""
    ref = f"refs/heads/{checked_branch(branch)}"
    async with depot.locks.hold(lock_of(project_id, task_key)):
        sha = await resolve(depot.git, depot.bare(project_id), ref)
        if sha is not None:
            holders = await depot.git.run(
                depot.bare(project_id), "for-each-ref", "--count=1", f"--contains={merged or sha}",
                "refs/remotes/workspace", ok=(0, 129),
            )  # fmt: skip
            if not holders.stdout:
                raise NotMerged(
                    f"The branch {branch} has commits that are not merged; removing it would lose them.",
                    "Merge the task first.",
                    branch=branch,
                )
            await keep_tip(depot, project_id, task_key, sha, "merged")
        await _drop(depot, project_id, task_key)
        if sha is not None:
            await depot.git.run(depot.bare(project_id), "update-ref", "-d", ref, sha)


async def drop_checkout(depot: Depot, project_id: int, task_key: str) -> None:
    """Remove a task's worktree; its branch stays, and `open_worktree` makes it again. What was not committed is kept
    under refs/wfhub/lost/<task_key>-<n>."""
    async with depot.locks.hold(lock_of(project_id, task_key)):
        await _drop(depot, project_id, task_key)


async def uncommitted(depot: Depot, project_id: int, task_key: str) -> tuple[str, ...]:
    """The files of a task's worktree that are not committed; none where it has no worktree."""
    mirror, path = depot.mirror(project_id), depot.worktrees(project_id) / checked_key(task_key)
    return (await status(depot.git, at(mirror, path))).shown if _admin_stands(mirror, path) else ()


async def _drop(depot: Depot, project_id: int, task_key: str) -> None:
    mirror = depot.mirror(project_id)
    path = depot.worktrees(project_id) / checked_key(task_key)
    if _admin_stands(mirror, path):
        await save_lost(depot, at(mirror, path), task_key)
    await erase(mirror, path)


def is_healthy(mirror: Path, path: Path, head: str) -> bool:
    """Whether the worktree was made to its end, is linked both ways, and stands on `head`. Starts no process."""
    admin = mirror / "worktrees" / path.name
    return (
        _text(admin / "HEAD") == head
        and _text(admin / "locked") == IN_USE.strip()
        and _text(path / ".git") == f"gitdir: {admin}"
        and _text(admin / "gitdir") == str(path / ".git")
        and _text(admin / "commondir") == "../.."
        and (admin / "index").exists()
        and not (admin / "index.lock").exists()
    )


async def check_out(depot: Depot, mirror: Path, path: Path, head: str, lost_as: str | None) -> None:
    """Bring the worktree to `head` from any state a crash can leave; every step may be done twice.

    The files git keeps for a worktree are written here rather than by `git worktree add`, which refuses what half
    exists and then takes another name. Nothing can be lost where the making was not finished: no agent was there yet.
    """
    admin = mirror / "worktrees" / path.name
    if lost_as is not None and _may_hold_work(admin, path):
        if not _admin_stands(mirror, path):
            _link(mirror, path, head)
            await depot.git.run(at(mirror, path), "read-tree", "HEAD")
        _link_back(admin, path)
        detached = not (_text(admin / "HEAD") or "").startswith("ref: ")
        branch = loose_ref(mirror, head.removeprefix("ref: ")) or "none" if detached else None
        await save_lost(depot, at(mirror, path), lost_as, keep_head=branch)
    fresh = _is_empty(path)
    _link(mirror, path, head)
    where = at(mirror, path)
    await depot.git.run(where, "reset", "--hard", "--quiet")
    if not fresh:
        await depot.git.run(where, "clean", "-ffd", "--quiet")
    _write(admin / "locked", IN_USE)


def _is_empty(path: Path) -> bool:
    return not path.is_dir() or not any(path.iterdir())


def _link(mirror: Path, path: Path, head: str) -> None:
    admin = mirror / "worktrees" / path.name
    with system_refusals(path):
        admin.mkdir(parents=True, exist_ok=True)
        path.mkdir(parents=True, exist_ok=True)
        _write(admin / "locked", MAKING)
        _write(admin / "commondir", "../..\n")
        _write(admin / "gitdir", f"{path / '.git'}\n")
        _write(admin / "HEAD", f"{head}\n")
        _link_back(admin, path)


def _link_back(admin: Path, path: Path) -> None:
    with system_refusals(path):
        if (path / ".git").is_dir():  # an agent's own `git init`: its files stay, its history is none of the task's
            shutil.rmtree(path / ".git")
        _write(path / ".git", f"gitdir: {admin}\n")


def _may_hold_work(admin: Path, path: Path) -> bool:
    """Whether an agent may have been there: the making was finished, or the mirror has forgotten the worktree."""
    finished = _text(admin / "locked") == IN_USE.strip() or not admin.exists()
    return finished and path.is_dir() and any(path.iterdir())


def _admin_stands(mirror: Path, path: Path) -> bool:
    admin = mirror / "worktrees" / path.name
    return path.is_dir() and all((admin / name).exists() for name in ("HEAD", "commondir", "index"))


async def erase(mirror: Path, path: Path) -> None:
    # The files first: an admin folder without files is mended or erased later, files without it would look like work.
    for folder in (path, mirror / "worktrees" / path.name):
        if folder.exists():
            with system_refusals(folder):
                await asyncio.to_thread(shutil.rmtree, folder)


async def _ensure_branch(depot: Depot, project_id: int, branch: str, base_sha: str) -> str:
    ref = f"refs/heads/{branch}"
    bare = depot.bare(project_id)
    absent = absent_ref(bare.folder, ref)
    if not absent and (sha := loose_ref(bare.folder, ref) or await resolve(depot.git, bare, ref)):
        return sha
    await require_commit(depot, project_id, base_sha)
    if not depot.make_ref(project_id, ref, base_sha):
        await depot.git.run(bare, "update-ref", ref, base_sha, "")
    return base_sha


async def require_commit(depot: Depot, project_id: int, sha: str) -> None:
    async def ask(sha: str, _: str) -> str | None:
        return await resolve(depot.git, depot.bare(project_id), sha)

    if await depot.fact("commit", project_id, sha, sha, ask) is None:
        raise RevisionMissing(f"The commit {sha} is not in the hub's mirror.", "Fetch the project's branch first.")


def _text(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):  # missing, a folder, unreadable: not what the hub wrote
        return None


def _write(file: Path, text: str) -> None:
    """Replace the file as a whole: a crash leaves the old text or the new."""
    new = file.with_name(f"{file.name}.new")
    with system_refusals(file):
        new.write_text(text)
        new.replace(file)
