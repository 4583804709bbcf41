"""The archive: a ZIP whose last part lists every other one with its size and SHA-256."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from services.backup.errors import BackupDamaged, BackupRefused

FORMAT = "workflow-hub-backup/1"
MANIFEST = "manifest.json"
BLOCK = 1 << 20
STORED = frozenset({".enc", ".bundle"})  # compressed already, or like noise


class ArchiveWriter:
    """Adds parts one after the other; memory does not grow with their size, only a little with their number."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True)
        self.parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, blocks: Iterable[bytes]) -> int:
        """Writes the part `name`; answers its size."""
        digest, size = hashlib.sha256(), 0
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        stored = Path(name).suffix in STORED
        entry.compress_type, entry.external_attr = (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED), 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as part:
            for block in blocks:
                part.write(block)
                digest.update(block)
                size += len(block)
        self.parts[name] = {"size": size, "sha256": digest.hexdigest()}
        return size

    def add_json(self, name: str, value: Any) -> None:
        self.add(name, [json.dumps(value, ensure_ascii=False, indent=1).encode()])

    def finish(self, facts: dict[str, Any], seal: Callable[[bytes], bytes] | None) -> None:
        """Writes the list of parts with `facts` about the hub. `seal` turns the list's hash into a last part, with the
        secrets in it: without the passphrase nobody can change any part unnoticed."""
        manifest = {"format": FORMAT, "sealed": seal is not None, **facts, "parts": dict(self.parts)}
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        self.add(MANIFEST, [text])
        if seal is not None:
            self.add("secrets.enc", [seal(hashlib.sha256(text).digest())])
        self._zip.close()

    def abandon(self) -> None:
        """Nothing more is written, not even the end of the file."""
        self._zip.fp = None


class Archive:
    """A backup that is read. Every part is checked against the list while it is read."""

    def __init__(self, opened: zipfile.ZipFile, manifest: dict[str, Any], digest: bytes) -> None:
        self._zip = opened
        self.manifest = manifest
        self.digest = digest
        self.parts: dict[str, dict[str, Any]] = manifest["parts"]

    def blocks(self, name: str) -> Iterator[bytes]:
        """The part in pieces. Raises BackupDamaged at its end when it is not what was written."""
        digest, size, known = hashlib.sha256(), 0, self.parts[name]
        with _readable(), self._zip.open(name) as part:
            while block := part.read(BLOCK):
                digest.update(block)
                size += len(block)
                if size > known["size"]:
                    break
                yield block
        if size != known["size"] or digest.hexdigest() != known["sha256"]:
            raise damaged(f"its part {name} is not what was written")

    def json(self, name: str) -> Any:
        return json.loads(b"".join(self.blocks(name)))

    def sealed(self) -> bytes:
        """The locked secrets."""
        with _readable():
            return self._zip.read("secrets.enc")

    def extract(self, name: str, target: Path) -> None:
        """Into a new file that only its owner can read."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for block in self.blocks(name):
                file.write(block)

    def verify(self) -> None:
        """Reads all of it."""
        for name in self.parts:
            for _ in self.blocks(name):
                pass
        expected = {*self.parts, MANIFEST} | ({"secrets.enc"} if self.manifest["sealed"] else set())
        if set(self._zip.namelist()) != expected:
            raise damaged("it has parts that its list does not name")

    @property
    def size(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(part["size"] for part in self.parts.values())


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises BackupRefused where there is no such file, BackupDamaged where it is no whole backup."""
    if not path.is_file():
        raise BackupRefused(f"There is no file {path}.", "Name the backup's file.")
    with _readable():
        opened = zipfile.ZipFile(path)
    with opened:
        with _readable():
            archive = _read_list(opened)
        yield archive


def _read_list(opened: zipfile.ZipFile) -> Archive:
    try:
        text = opened.read(MANIFEST)
        manifest = json.loads(text)
        form, parts = str(manifest["format"]), manifest["parts"]
        whole = all(set(part) == {"size", "sha256"} for part in parts.values()) and isinstance(manifest["sealed"], bool)
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise damaged("its list of parts can't be read") from error
    if form != FORMAT or not whole:
        raise damaged(f"its format is {form[:60]!r}, and this version knows {FORMAT!r}")
    return Archive(opened, manifest, hashlib.sha256(text).digest())


def pieces(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """The file's blocks, up to `limit` bytes of it."""
    with path.open("rb") as file:
        left = limit if limit is not None else 1 << 62
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def damaged(what: str) -> BackupDamaged:
    return BackupDamaged(f"The backup can't be used: {what}.", "Take another backup, or copy this one again.")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise damaged("it is cut off, or no backup of a hub") from error
