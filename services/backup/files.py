"""The hub's files in a backup: those named by their hash, held by a second link meanwhile, and the output of runs."""

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.backup.archive import ArchiveWriter, pieces
from services.backup.place import HASHED, OUTPUT, HubPlace

LOOK_SECONDS = 0.01  # between two looks; a file that lives shorter is named by nobody
NAME = re.compile(r"[0-9a-f]{64}")
PART = re.compile(r"files/(attachments|proofs)/[0-9a-f]{64}|files/runs/[\w.-]+/[\w.-]+\.jsonl")


class Held:
    """Links to the files as they were found: what is removed meanwhile can still be copied.

    Look before the database's snapshot, all the while that it is taken, and again after it; then every file that the
    snapshot names is here, but for those that were missing before.
    """

    def __init__(self, place: HubPlace, folder: Path) -> None:
        self._place, self._folder = place, folder
        self.files: dict[str, Path] = {}

    def look(self) -> None:
        for kind in HASHED:
            (self._folder / kind).mkdir(parents=True, exist_ok=True)
            for path in (self._place.home / kind).glob("??/*"):
                part = f"files/{kind}/{path.name}"
                if part not in self.files and NAME.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):  # removed while we looked
                        self.files[part] = _linked(path, self._folder / kind / path.name)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Goes on looking meanwhile: a copy of a database takes long enough for files to come and go."""
        ended, faults = threading.Event(), list[OSError]()

        def look() -> None:
            try:
                while not ended.wait(LOOK_SECONDS):
                    self.look()
            except OSError as error:  # a full disk, most likely: the backup fails with it
                faults.append(error)

        thread = threading.Thread(target=look, name="backup-files")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        if faults:
            raise faults[0]

    def missing(self, named: frozenset[str]) -> list[str]:
        """The hashes among `named` that no file was found for."""
        return sorted(named - {part.rpartition("/")[2] for part in self.files})

    def write(self, archive: ArchiveWriter) -> int:
        """Adds them all; answers how many."""
        for part, path in sorted(self.files.items()):
            archive.add(part, pieces(path))
        return len(self.files)


def write_output(place: HubPlace, archive: ArchiveWriter, left_out: frozenset[str]) -> int:
    """Adds what runs said, but for the steps that will be done again: their agent counts its lines anew then."""
    root, count = place.home / OUTPUT, 0
    for path in sorted(root.glob("*/*.jsonl")):
        name = path.relative_to(root).as_posix()
        part = f"files/{OUTPUT}/{name}"
        if name not in left_out and PART.fullmatch(part):
            archive.add(part, _whole_lines(path))
            count += 1
    return count


def target_of(part: str, stage: Path) -> Path | None:
    """Where a part of the files goes under `stage`; None for other parts."""
    if not PART.fullmatch(part):
        return None
    _, kind, *rest = part.split("/")
    return stage / kind / rest[0][:2] / rest[0] if kind in HASHED else stage / kind / rest[0] / rest[1]


def _linked(path: Path, link: Path) -> Path:
    """A second name for the file; a copy where the disk knows no second names."""
    try:
        os.link(path, link)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, link)
    return link


def _whole_lines(path: Path) -> Iterator[bytes]:
    """The file as long as it is now, without a last line that is being written."""
    tail = b""
    for block in pieces(path, path.stat().st_size):
        end = block.rfind(b"\n") + 1
        if end:
            yield tail + block[:end]
            tail = block[end:]
        else:
            tail += block
