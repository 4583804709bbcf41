"""A file on its way in: written in pieces beside its place, hashed meanwhile, and gone unless it is kept."""

import asyncio
import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from services.files.errors import DiskFull, FilesUnwritable, FileTooLarge

PIECE = 1 << 20  # handed to a thread at once: memory stays flat, and the disk never holds up the program
HEAD = 4096
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Incoming:
    """`async with`, then `write` each piece, `finish`, and `keep`. Whatever ends it before that leaves nothing.

    `sha256` and `size` hold after `finish`; `head` is how the file begins, to tell what it is.
    """

    def __init__(self, folder: Path, place: Callable[[str], Path], max_bytes: int) -> None:
        self._folder, self._place, self._max = folder, place, max_bytes
        self._hash = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None
        self._kept: Path | None = None
        self._path: Path | None = None
        self.size = 0
        self.head = b""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def __aenter__(self) -> "Incoming":
        await asyncio.to_thread(self._told, self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A file that was kept, but whose row then failed, goes again, unless it was there before."""
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if error is not None and self._kept is not None:
            self._kept.unlink(missing_ok=True)

    async def write(self, data: bytes) -> None:
        """Raises FileTooLarge with the first byte too many, DiskFull, FilesUnwritable."""
        self.size += len(data)
        if self.size > self._max:
            raise FileTooLarge(
                f"The file is above {told_size(self._max)}.", "Send a smaller one, or raise ATTACHMENT_MAX_BYTES."
            )
        if len(self.head) < HEAD:
            self.head = (self.head + data)[:HEAD]
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting >= PIECE:
            await self._flush()

    async def finish(self) -> None:
        """All of it is on the disk; its name is known."""
        await self._flush()
        await asyncio.to_thread(self._told, self._sync)

    async def keep(self) -> None:
        """Puts the file in its place. Bytes that are there already are replaced by the same, which mends bad ones."""
        await asyncio.to_thread(self._told, self._move)

    async def _flush(self) -> None:
        data = b"".join(self._pieces)
        self._pieces, self._waiting = [], 0
        await asyncio.to_thread(self._told, lambda: self._append(data))

    def _told(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            if error.errno in FULL:
                raise DiskFull(
                    "The disk that holds the hub's files is full; nothing of the file was kept.",
                    "Make room there, or move WFHUB_HOME to a larger disk.",
                ) from error
            raise FilesUnwritable(
                f"The hub's folder for files can't be written: {error.strerror}.", f"Look at {self._folder.parent}."
            ) from error

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(dir=self._folder, delete=False, buffering=0)  # noqa: SIM115 - see exit
        self._path = Path(self._file.name)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # FileStore.sweep leaves it alone while this process lives

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        view = memoryview(data)
        while view:  # an unbuffered write may take a part only, as on a disk that is nearly full
            view = view[self._file.write(view) :]
        self._hash.update(data)

    def _sync(self) -> None:
        assert self._file is not None
        os.fsync(self._file.fileno())

    def _move(self) -> None:
        assert self._path is not None
        target = self._place(self.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        there = target.exists()
        self._path.replace(target)
        self._path = None
        self._kept = None if there else target


def told_size(size: int) -> str:
    """`5 MB`, `1.5 GB`: as people say it."""
    value = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.3g} {unit}"
