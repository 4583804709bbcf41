"""The story of a backup: the database at one moment, then what it names, then a look at what was written."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.backup import facts as facts_room
from services.backup import postgres_database, repositories, sqlite_database
from services.backup.archive import ArchiveWriter, open_archive, pieces
from services.backup.errors import BackupRefused
from services.backup.facts import Facts
from services.backup.files import Held, write_output
from services.backup.place import HASHED, OUTPUT, HubPlace, Say

MARGIN = 50_000_000  # bytes that stay free


@dataclass(frozen=True)
class Made:
    """`size` in bytes; `notes` are sentences about what was found missing in the hub itself."""

    file: Path
    size: int
    files: int
    repositories: int
    live_runs: int
    notes: list[str]


def make_backup(
    place: HubPlace,
    target: Path,
    *,
    seal: Callable[[bytes], bytes] | None = None,
    only_database: bool = False,
    say: Say = lambda sentence: None,
) -> Made:
    """Writes the backup of a hub, which may be at work, to the new file `target`, and reads it back.

    `seal` gets the hash of the list of parts and answers the locked secrets. Raises BackupRefused, BackupDamaged; then
    nothing has that name. Several at once wait for each other.
    """
    target = target.absolute()
    _check_target(target)
    part = target.with_name(f".{target.name}.part")
    with _alone(place), _removed_at_end(place.backups / f".making-{os.getpid()}") as stage, _tells_full_disk(target):
        _check_space(place, target, only_database)
        try:
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                archive = ArchiveWriter(file)
                try:
                    made = _write(place, archive, stage, seal, only_database, say)
                finally:
                    archive.abandon()
                file.flush()
                os.fsync(file.fileno())
            say("reading the backup back")
            with open_archive(part) as written:
                written.verify()
            _check_target(target)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    return Made(file=target, size=target.stat().st_size, **made)


def _write(
    place: HubPlace,
    archive: ArchiveWriter,
    stage: Path,
    seal: Callable[[bytes], bytes] | None,
    only_database: bool,
    say: Say,
) -> dict[str, Any]:
    held, before, notes = Held(place, stage), repositories.Refs(), list[str]()
    if not only_database:
        before = repositories.read_refs(place.home)
        held.look()
    say("copying the database")
    with nullcontext() if only_database else held.looking():
        facts, rows = _database(place, archive, stage, only_database)
    counts = {"files": 0, "repositories": 0, "live_runs": facts.live_runs}
    if not only_database:
        held.look()
        notes += [f"the file {sha[:12]} that a row names is not there" for sha in held.missing(facts.named)]
        say("copying repositories")
        counts["repositories"], lost = repositories.write(place.home, archive, stage, facts, before)
        notes += lost
        say("copying files")
        counts["files"] = held.write(archive) + write_output(place, archive, facts.unfinished)
    told: dict[str, Any] = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "contents": "database" if only_database else "all",
        "kind": place.kind,
        "revision": facts.revision,
        "engine_schema": facts.engine_schema,
        "versions": facts_room.versions(),
        "home": str(place.home),
        "projects": [{**project, "deleted_at": bool(project["deleted_at"])} for project in facts.projects],
        "rows": rows,
        "notes": notes,
        **counts,
    }
    archive.finish(told, seal)
    return counts | {"notes": notes}


def _database(
    place: HubPlace, archive: ArchiveWriter, stage: Path, only_database: bool
) -> tuple[Facts, dict[str, Any]]:
    read = facts_room.read_versions if only_database else facts_room.read_facts
    file = place.database_file
    if file is None:
        with postgres_database.snapshot(place.database_url) as connection:
            return read(connection), postgres_database.write(connection, archive)
    copied = stage / "hub.sqlite"
    sqlite_database.copy(file, copied)
    with sqlite_database.opened(copied) as connection:
        found = read(connection)
    archive.add(sqlite_database.PART, pieces(copied))
    copied.unlink()
    return found, {}


def _check_target(target: Path) -> None:
    if target.exists():
        raise BackupRefused(f"{target} exists already.", "Choose another name, or move that file away.")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise BackupRefused(f"Nothing can be written to {target.parent}.", "Name a folder that exists and is yours.")


def _check_space(place: HubPlace, target: Path, only_database: bool) -> None:
    """The archive is at most as large as what goes in; SQLite's copy and a bundle lie in the home meanwhile."""
    file = place.database_file
    if file is None:
        database, copy = postgres_database.size(place.database_url), 0
    else:
        database = copy = file.stat().st_size if file.is_file() else 0
    repos = 0 if only_database else _size(place.home / "repos")
    files = 0 if only_database else sum(_size(place.home / name) for name in (*HASHED, OUTPUT))
    for folder, needed in ((target.parent, database + repos + files), (place.backups, copy + repos)):
        free = shutil.disk_usage(folder).free
        if free < needed + MARGIN:
            raise BackupRefused(
                f"{folder} has {free / 1e6:.0f} MB free, and the backup may need {(needed + MARGIN) / 1e6:.0f} MB.",
                "Free some, or write it to another disk.",
            )


def _size(folder: Path) -> int:
    size = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # removed since by a hub at work, as git does with its locks
                size += (Path(at) / name).lstat().st_size
    return size


@contextmanager
def _alone(place: HubPlace) -> Iterator[None]:
    locks = place.home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / "backup.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _removed_at_end(folder: Path) -> Iterator[Path]:
    """What killed backups left goes too: whoever comes here is alone."""
    for left in folder.parent.glob(".making-*"):
        shutil.rmtree(left)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _tells_full_disk(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else error.strerror or str(error)
        way_out = "Free some, or write it to another disk." if full else "Give yourself the right to it, or try again."
        raise BackupRefused(f"The backup {target.name} could not be written: {what}.", way_out) from error
