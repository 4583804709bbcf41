"""Sweeps environments that no command has used for long, and the least used ones when all together grow too large."""

import fcntl
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)
MARKER = ".complete"
IN_USE_SECONDS = 6 * 3600  # used so lately, a command may still be at work in it


@dataclass(frozen=True, slots=True)
class Kept:
    """An environment on disk: when a command last used it, and what it takes, in bytes."""

    folder: Path
    used_at: float
    size: int


def touch(folder: Path) -> None:
    """A command uses it now."""
    os.utime(folder / MARKER)


def sweep(envs: Path, days: float, most_bytes: int) -> list[Path]:
    """Removes what was not used for `days`, then the longest unused until all fit in `most_bytes`; answers which.

    What is being built, or was used within IN_USE_SECONDS, stays; what was half built and nobody builds any more goes.
    """
    kept = sorted(_kept(envs), key=lambda environment: environment.used_at)
    total, now = sum(environment.size for environment in kept), time.time()
    gone: list[Path] = []
    for environment in kept:
        idle = now - environment.used_at
        if idle < IN_USE_SECONDS or (idle < days * 86_400 and total <= most_bytes):
            continue
        if _remove(environment.folder):
            total -= environment.size
            gone.append(environment.folder)
    if gone:
        log.info("environments.swept", count=len(gone), bytes_left=total)
    return gone


def _kept(envs: Path) -> list[Kept]:
    if not envs.is_dir():
        return []
    found: list[Kept] = []
    for folder in envs.iterdir():
        if folder.is_dir() and not folder.is_symlink():
            marker = folder / MARKER
            used_at = marker.stat().st_mtime if marker.is_file() else 0.0
            found.append(Kept(folder, used_at, _size(folder)))
    return found


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            total += Path(where, name).lstat().st_blocks * 512
    return total


def _remove(folder: Path) -> bool:
    """Whether it could be removed: not while a builder holds its lock. The lock file stays: others may wait on it."""
    lock = folder.with_suffix(".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        (folder / MARKER).unlink(missing_ok=True)  # first: half of one is none
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()
    finally:
        os.close(descriptor)
