"""A bound on the number of processes that the kernel keeps for root too. Standard library only.

RLIMIT_NPROC does not hold root. A control group with the pids controller does, where this process may make one.
"""

import os
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


def create(limit: int) -> Path | None:
    """A control group of its own for at most `limit` processes; None where the host offers or allows none."""
    for parent in (_ROOT / "pids", _ROOT):
        if parent == _ROOT and not _has_pids(parent):
            continue
        folder = parent / f"wfhub-{os.getpid()}"
        try:
            folder.mkdir()
            (folder / "pids.max").write_text(str(limit))
        except OSError:
            remove(folder)
            continue
        return folder
    return None


def join(folder: Path) -> None:
    """Move the calling process, and so all it will start, into the group."""
    (folder / "cgroup.procs").write_text(str(os.getpid()))


def full(folder: Path) -> bool:
    """Whether a fork was refused since the group was made."""
    return "max 0" not in (folder / "pids.events").read_text()


def remove(folder: Path) -> None:
    """Remove the empty group; one that something still lives in stays, and says so by staying."""
    try:
        folder.rmdir()
    except OSError:
        return


def _has_pids(parent: Path) -> bool:
    try:
        return "pids" in (parent / "cgroup.subtree_control").read_text().split()
    except OSError:
        return False
