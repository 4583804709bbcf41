"""Told by the kernel when SQLite's write-ahead log is written: inotify, where there is one."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import structlog

log = structlog.get_logger()


class WalWatch:
    """`wait` returns early when the log of the database at `path` was written since the last wait.

    A write is seen a moment before what it commits can be read, so look again shortly after. Where the system has no
    inotify, or no watch left, `watching` is False and `wait` only sleeps.
    """

    def __init__(self, path: Path) -> None:
        self._folder, self._name = path.absolute().parent, f"{path.name}-wal"
        self._written = asyncio.Event()
        self._notify = None
        self.watching = False

    def __enter__(self) -> "WalWatch":
        if sys.platform == "linux":
            from inotify_simple import INotify, flags

            notify = None
            try:
                notify = INotify(nonblocking=True)
                notify.add_watch(self._folder, flags.MODIFY)
            except OSError as error:  # no instance or no watch left for this user
                log.warning("wakeup.polls", folder=str(self._folder), error=str(error))
                if notify is not None:
                    notify.close()
            else:
                self._notify, self.watching = notify, True
                asyncio.get_running_loop().add_reader(notify.fileno(), self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._notify is not None:
            asyncio.get_running_loop().remove_reader(self._notify.fileno())
            self._notify.close()

    async def rest(self, seconds: float) -> None:
        """Hears nothing for a while; what was written meanwhile is told at once after it."""
        if seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        if self._notify is not None:
            loop.remove_reader(self._notify.fileno())
        try:
            await asyncio.sleep(seconds)
        finally:
            if self._notify is not None:
                loop.add_reader(self._notify.fileno(), self._take)

    def _take(self) -> None:
        assert self._notify is not None
        if any(event.name == self._name for event in self._notify.read(timeout=0)):
            self._written.set()

    async def wait(self, seconds: float) -> bool:
        """Whether the log was written; False when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._written.wait()
        written = self._written.is_set()
        self._written.clear()
        return written
