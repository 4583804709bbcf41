"""Locks between tasks and processes of the hub, and the question whether a lock file of git is abandoned."""

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random

from services.repos.errors import RepositoryBusy
from services.repos.refusals import system_refusals

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

ABANDONED_AFTER_SECONDS = 1.5
# Where open files of other processes cannot be seen, only age speaks: longer than any call may take.
ABANDONED_UNSEEN_SECONDS = 600.0


class Locks:
    """Named locks that hold within this process and against other processes of the hub (flock: a dead holder's lock is
    free at once). `folder` holds the lock files; `patience` is in seconds."""

    def __init__(self, folder: Path, patience: float = 60.0) -> None:
        self.folder = folder
        self.patience = patience
        self._held: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[None]:
        """Hold the lock `name`, waiting up to `patience` for another process. Raises RepositoryBusy. Not reentrant."""
        async with self._held.setdefault(name, asyncio.Lock()):
            with system_refusals(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                handle = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                await self._take(handle, name)
                yield
            finally:
                os.close(handle)

    async def _take(self, handle: int, name: str) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BlockingIOError),
            stop=stop_after_delay(self.patience),
            wait=wait_random(0.005, 0.05),
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RepositoryBusy(
                f"Another Workflow Hub process has been working on {name} for more than {self.patience:g} s.",
                "Try again in a moment.",
            ) from error


def remove_abandoned(lock: Path) -> None:
    """Remove a lock file of git that a killed process left; only for repositories of the hub's own."""
    if is_abandoned(lock):
        log.warning("removed an abandoned lock file", lock=str(lock))
        lock.unlink(missing_ok=True)


def is_abandoned(lock: Path) -> bool:
    """Whether no process works behind this lock file of git: it is older than a moment and nobody has it open."""
    try:
        age = time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return False
    if not sys.platform.startswith("linux"):
        return age > ABANDONED_UNSEEN_SECONDS
    return age > ABANDONED_AFTER_SECONDS and str(lock.resolve()) not in _open_files()


def _open_files() -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            names = os.listdir(folder)  # noqa: PTH208 - thousands of entries: no Path objects
        except OSError:  # the process ended, or is another user's
            continue
        for name in names:
            try:
                yield os.readlink(folder / name)  # noqa: PTH115
            except OSError:
                continue
