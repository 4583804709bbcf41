"""The jobs that lie on disk and do not run: how much they take, and which of them go first."""

import os
import shutil
import time
from pathlib import Path

import structlog

from agent_api.errors import AgentDiskFull

log = structlog.get_logger(__name__)
Name = tuple[str, str]  # run id, step


class JobShelf:
    """Ended jobs (and interrupted ones) with their sizes. Use from one event loop; what runs is not on it."""

    def __init__(self, root: Path, most_bytes: int, most_seconds: float) -> None:
        self._root, self._most, self._oldest = root, most_bytes, most_seconds
        self._kept: dict[Name, tuple[float, int]] = {}  # when it ended, and its bytes

    def put(self, name: Name) -> None:
        """Take note of a job that ended just now, or was found at start."""
        folder = self._root.joinpath(*name)
        record = next((folder / file for file in ("result.json", "spec.json") if (folder / file).exists()), folder)
        if record.exists():
            self._kept[name] = (record.stat().st_mtime, size_of(folder))

    def take(self, name: Name) -> None:
        """It runs again."""
        self._kept.pop(name, None)

    def sweep(self) -> int:
        """Remove what is older than may be kept; answers how many jobs."""
        oldest = time.time() - self._oldest
        old = [name for name, (ended, _) in self._kept.items() if ended < oldest]
        for name in old:
            self._remove(name, "its time is over")
        return len(old)

    def make_room(self, running_bytes: int) -> None:
        """Remove the oldest until all jobs fit. Raises AgentDiskFull when those that run fill the space alone."""
        if running_bytes >= self._most:
            raise AgentDiskFull(
                f"The jobs that run now take {running_bytes} bytes, and all jobs may take {self._most}.",
                "Try again when one has ended, or raise AGENT_JOBS_BYTES.",
            )
        total = running_bytes + sum(size for _, size in self._kept.values())
        for name, (_, size) in sorted(self._kept.items(), key=lambda item: item[1][0]):
            if total <= self._most:
                return
            self._remove(name, "others need its space")
            total -= size

    def _remove(self, name: Name, why: str) -> None:
        folder = self._root.joinpath(*name)
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            log.warning("a job could not be removed", job="/".join(name))
            return  # it stays on the shelf, and is tried again
        del self._kept[name]
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()
        log.info("a job was swept", job="/".join(name), why=why)


def size_of(folder: Path) -> int:
    """Bytes that the disk holds for a folder; what goes while we look is not counted."""
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total
