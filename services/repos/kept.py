"""What a branch held before it was rolled back, replaced or removed: kept under refs, and found again."""

import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.repos.depot import Depot, checked_branch, checked_key, checked_run, checked_sha, resolve

KEPT, LOST, UNDONE, RECOVERY = "refs/wfhub/kept", "refs/wfhub/lost", "refs/wfhub/undone", "refs/wfhub/recovery"
UNDO = "undo-"  # recovery refs of undone merges begin so; those of merges have a run's id
MOST_SHOWN = 200
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A commit of a task's that something still points at. `ref` names it; `at` is when it was committed."""

    ref: str
    sha: str
    at: datetime
    subject: str


async def keep_tip(depot: Depot, project_id: int, task_key: str, sha: str, why: str) -> str:
    """Points refs/wfhub/kept/<task_key>/<sha>-<why> at `sha`; done again it is the same ref, counted from now on."""
    ref = f"{KEPT}/{checked_key(task_key)}/{checked_sha(sha)[:16]}-{checked_run(why)}"
    await depot.git.run(depot.bare(project_id), "update-ref", ref, sha)
    touch(depot.mirror(project_id), ref)
    return ref


def touch(git_dir: Path, ref: str) -> None:
    """Its age counts from now: git leaves the file alone where the ref has its value already."""
    if (git_dir / ref).is_file():
        os.utime(git_dir / ref)


async def recoverable(depot: Depot, project_id: int, task_key: str, run_ids: Collection[str] = ()) -> list[Kept]:
    """The task's branches, and what was kept of them or found uncommitted by its runs; the newest first."""
    if not (depot.mirror(project_id) / "HEAD").exists():
        return []
    key = checked_key(task_key)
    patterns = [f"refs/heads/wfhub/{key}-*", f"{KEPT}/{key}/*", f"{LOST}/{key}-*"]
    listed = await depot.git.run(
        depot.bare(project_id), "for-each-ref", "--sort=-committerdate",
        "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(subject)", *patterns, LOST,
    )  # fmt: skip
    names = {*run_ids}
    found: list[Kept] = []
    for line in listed.stdout.decode("utf-8", "replace").splitlines():
        ref, sha, seconds, subject = line.split("\0")
        whose = ref.removeprefix(f"{LOST}/").rpartition("-")[0]
        if not ref.startswith(LOST) or whose in names or whose == key:
            found.append(Kept(ref, sha, datetime.fromtimestamp(int(seconds), UTC), subject))
    return found[:MOST_SHOWN]


async def sweep_kept(depot: Depot, project_id: int, older_seconds: float, spared: Collection[str] = ()) -> int:
    """Removes what was kept longer ago than that, MOST_AT_ONCE at a time; how many. Those of the tasks in `spared`
    stay. The age is the file's: a packed one is as young as the last packing."""
    mirror = depot.mirror(project_id)
    if not (mirror / "HEAD").exists():
        return 0
    listed = await depot.git.run(
        depot.bare(project_id), "for-each-ref", "--format=%(refname)", KEPT, LOST, UNDONE, f"{RECOVERY}/{UNDO}*"
    )
    before = time.time() - older_seconds
    old = [ref for ref in listed.text.splitlines() if _written(mirror, ref) < before and _whose(ref) not in spared]
    chosen = old[:MOST_AT_ONCE]
    if chosen:
        deletions = "".join(f"delete {ref}\n" for ref in chosen)
        await depot.git.run(depot.bare(project_id), "update-ref", "--stdin", stdin=deletions.encode())
    return len(chosen)


def _whose(ref: str) -> str:
    """The task's key in the name of a ref, or the id of a run or of an undoing."""
    name = ref.split("/")[3]
    return name.rpartition("-")[0] if ref.startswith(LOST) else name


def _written(mirror: Path, ref: str) -> float:
    for file in (mirror / ref, mirror / "packed-refs"):
        if file.is_file():
            return file.stat().st_mtime
    return time.time()


async def task_branches(depot: Depot, project_id: int) -> list[str]:
    """The mirror's branches that the hub made for tasks: wfhub/<key>-<n>."""
    if not (depot.mirror(project_id) / "HEAD").exists():
        return []
    listed = await depot.git.run(
        depot.bare(project_id), "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/wfhub/"
    )
    return listed.text.splitlines()


async def make_branch(depot: Depot, project_id: int, branch: str, sha: str) -> None:
    """A branch of the mirror at `sha`; there already, nothing happens. Raises GitFailed where it is elsewhere."""
    ref = f"refs/heads/{checked_branch(branch)}"
    if await resolve(depot.git, depot.bare(project_id), ref) != checked_sha(sha):
        await depot.git.run(depot.bare(project_id), "update-ref", ref, sha, "")


async def retire_branch(depot: Depot, project_id: int, task_key: str, branch: str) -> None:
    """Removes a branch that was left; its tip is kept first. Nothing happens where there is none."""
    ref, bare = f"refs/heads/{checked_branch(branch)}", depot.bare(project_id)
    sha = await resolve(depot.git, bare, ref)
    if sha is not None:
        await keep_tip(depot, project_id, task_key, sha, "left")
        await depot.git.run(bare, "update-ref", "-d", ref, sha)
