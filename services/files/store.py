"""Files named by their SHA-256: written once, never changed, checked when read."""

import asyncio
import fcntl
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Literal

from services.domain.errors import InvalidInput, NotFound
from services.files.incoming import Incoming

Integrity = Literal["verified", "tampered", "missing"]
BLOCK = 1 << 20
REMEMBERED = 10_000  # verdicts


class FileStore:
    """`<root>/<first two digits>/<sha256>`. The same bytes are kept once, whoever brings them.

    `settling` is held while a row begins or ceases to name a file: a file that one upload finds here must not be
    removed by a deletion before the upload's row is committed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settling = asyncio.Lock()
        self._verdicts: dict[str, tuple[tuple[int, ...], Integrity]] = {}

    def path(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise InvalidInput("That is no SHA-256 hash.")
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes) -> tuple[str, int]:
        """Stores the bytes so that a crash leaves all of them or none. Answers hash and size."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest, len(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:  # a full disk is not filled further by what nobody can use
            Path(name).unlink(missing_ok=True)
            raise
        return digest, len(data)

    def get(self, sha256: str) -> bytes:
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound(f"The proof {sha256[:12]} is not in this hub's store.")
        return path.read_bytes()

    def incoming(self, max_bytes: int) -> Incoming:
        """A place for a file that comes in pieces; use it as `async with`."""
        return Incoming(self.root / "incoming", self.path, max_bytes)

    def check(self, sha256: str) -> Integrity:
        """Whether the file still is what its name says. Reads all of it, once for each time it was written."""
        path = self.path(sha256)
        try:
            with path.open("rb") as file:
                written = _written(os.fstat(file.fileno()))
                seen, verdict = self._verdicts.get(sha256, ((), "missing"))
                if seen == written:
                    return verdict
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:  # away, a folder in its place, or not ours to read
            return "missing"
        return self._remember(sha256, written, "verified" if actual == sha256 else "tampered")

    def known(self, sha256: str, size: int) -> Integrity | None:
        """What can be said without reading the file: None when only `check` can tell."""
        try:
            found = self.path(sha256).stat()
        except OSError:
            return "missing"
        if found.st_size != size:
            return "tampered"
        seen, verdict = self._verdicts.get(sha256, ((), "missing"))
        return verdict if seen == _written(found) else None

    def remove(self, sha256: str) -> None:
        self._verdicts.pop(sha256, None)
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Removes what uploads left that a killed process had in hand. Those of a living one are locked."""
        removed = 0
        for path in (self.root / "incoming").glob("*"):
            try:
                with path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    removed += 1
            except (BlockingIOError, FileNotFoundError):  # in the hand of another main-api, or just kept by it
                continue
        return removed

    def _remember(self, sha256: str, written: tuple[int, ...], verdict: Integrity) -> Integrity:
        if len(self._verdicts) >= REMEMBERED:
            self._verdicts.clear()
        self._verdicts[sha256] = (written, verdict)
        return verdict


def _written(found: os.stat_result) -> tuple[int, ...]:
    """Changes with each write: the time of change can't be set back, as that of the content can."""
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
