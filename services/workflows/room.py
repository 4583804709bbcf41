"""Whether the hub's disk has room for what a run leaves: its worktree, its proofs, its rows."""

import errno
import shutil
from pathlib import Path

from services.contract.run_result import RunResult
from services.files.errors import DiskFull
from services.repos.errors import RepositoryDiskFull

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def full(home: Path, wanted: int) -> DiskFull | None:
    """The refusal where less than `wanted` bytes are free; None where there is room, or nobody can tell."""
    try:
        free = shutil.disk_usage(home).free
    except OSError:
        return None
    if free >= wanted:
        return None
    return DiskFull(
        f"The disk that holds {home} is full: {free / 1e6:.1f} MB are free.",
        "Free some space and start the task again; nothing was lost.",
    )


def is_full(error: BaseException) -> bool:
    """Whether something could not be written for want of room."""
    return isinstance(error, RepositoryDiskFull) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def to_blame(result: RunResult, home: Path, wanted: int) -> DiskFull | None:
    """The full disk, where a step failed while it was: that says nothing about the work, and costs no round."""
    if result.outcome == "cancelled" or (result.outcome == "completed" and not result.exit_code):
        return None
    refusal = full(home, wanted)
    if refusal is None:
        return None
    ended = f"The step ended meanwhile: {result.sentence or f'exit code {result.exit_code}'}"
    return DiskFull(f"{refusal.sentence} {ended}", refusal.way_out)
