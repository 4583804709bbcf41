"""Log files that rotate: `main-api.log` is written to, `main-api.log.1` was before it, `main-api.log.2` before that."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FILE_BYTES = 20_000_000
FILES = 8  # the one written to and seven before it
VARIABLE = "WFHUB_LOG"  # what the stack tells a process: bytes of a file, number of files, path


@dataclass(frozen=True)
class Rotation:
    """Of one log. Each of its `files` has about `file_bytes`; what is older than the last of them is dropped."""

    path: Path
    file_bytes: int = FILE_BYTES
    files: int = FILES

    @classmethod
    def told(cls, text: str) -> "Rotation | None":
        """What VARIABLE says; None where it says nothing."""
        if not text:
            return None
        size, count, path = text.split(":", 2)
        return cls(Path(path), int(size), int(count))

    def __str__(self) -> str:
        return f"{self.file_bytes}:{self.files}:{self.path}"

    def numbered(self, number: int) -> Path:
        return numbered(self.path, number)

    def put_aside(self) -> None:
        """The file that is written to becomes the one before it. Whoever calls holds the lock."""
        for number in range(self.files - 1, 0, -1):
            newer = self.numbered(number - 1)
            if newer.exists():
                newer.replace(self.numbered(number))
        if self.files == 1:
            self.path.unlink(missing_ok=True)

    def open(self) -> int:
        """A descriptor that appends."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One at a time, among processes too: several may write one log."""
        with locked(self.path):
            yield


def numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Whoever renames or shortens the log at `path` holds it."""
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
