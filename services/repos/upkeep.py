"""Keeps a mirror small and quick as it grows: packed as `git gc` would, and nothing that counts is ever dropped."""

import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.repos.depot import Depot
from services.repos.errors import GitTimedOut
from services.repos.git import Where
from services.repos.overlay import drop_left

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# A merge that wants the project's lock meanwhile waits this long at the most, which is less than its patience.
LONGEST_SECONDS = 45.0
LEAST_KEPT_SECONDS = 86_400  # what is being written has no ref yet
SAMPLE = "17"  # objects are spread evenly over 256 folders; git looks into this one, too


@dataclass(frozen=True, slots=True)
class Upkeep:
    """When a mirror is packed: more than `loose` objects by estimate, or more than `packs` packs (git's gc.auto and
    gc.autoPackLimit); 0 switches one off. What nothing points at is dropped when it is older than `keep_seconds`."""

    loose: int = 6_700
    packs: int = 50
    keep_seconds: float = 30 * 86_400


async def keep_small(depot: Depot, project_id: int, upkeep: Upkeep) -> bool:
    """Packs the mirror where it has grown; whether it did. The lock of the project is held: no merge runs meanwhile.

    All that a ref, a worktree's HEAD or its index points at stays, and what nothing points at for as long as said, in a
    pack of its own (`--cruft`). Refs stay files: their age is the files'. Raises what git refuses.
    """
    mirror = depot.mirror(project_id)
    drop_left(mirror)
    if not (mirror / "HEAD").exists() or not has_grown(mirror, upkeep):
        return False
    git = depot.git.within(LONGEST_SECONDS)
    where = Where(mirror, git_dir=mirror, config=(("pack.threads", "1"),))
    old = f"{max(LEAST_KEPT_SECONDS, int(upkeep.keep_seconds))}.seconds.ago"
    try:
        await git.run(where, "repack", "-a", "-d", "-l", "-q", "--cruft", f"--cruft-expiration={old}")
        await git.run(where, "prune", f"--expire={old}")  # loose ones, which no pack took
    except GitTimedOut:
        log.warning("mirror.too_large_to_pack_at_once", mirror=str(mirror), seconds=LONGEST_SECONDS)
        await git.run(where, "repack", "-d", "-l", "-q", "--geometric=2", "--no-write-bitmap-index")
    await git.run(where, "commit-graph", "write", "--reachable", "--no-progress")
    _drop_unfinished(mirror / "objects" / "pack")
    return True


def _drop_unfinished(folder: Path) -> None:
    """Packs that a git which was killed had begun: it removes them only when it is asked to end."""
    for file in folder.glob(".tmp-*"):
        if file.stat().st_mtime < time.time() - LEAST_KEPT_SECONDS:
            file.unlink(missing_ok=True)


def has_grown(mirror: Path, upkeep: Upkeep) -> bool:
    """Asked of the folders alone; no process starts."""
    objects = mirror / "objects"
    sample = objects / SAMPLE
    loose = 256 * sum(1 for _ in sample.iterdir()) if sample.is_dir() else 0
    kept = {file.stem for ending in ("keep", "mtimes") for file in (objects / "pack").glob(f"*.{ending}")}
    packs = sum(1 for file in (objects / "pack").glob("*.pack") if file.stem not in kept)
    return 0 < upkeep.loose < loose or 0 < upkeep.packs < packs
