"""The database as it was before an upgrade: kept, and put back when the upgrade fails."""

import json
from pathlib import Path
from types import TracebackType

from services.backup import sqlite_database
from services.backup.archive import open_archive
from services.backup.make import make_backup
from services.backup.place import HubPlace

MARK = "upgrade-in-progress.json"


class Upgrade:
    """`with` it the database may be changed: what is raised within has SQLite's file put back as it was. On PostgreSQL
    the transaction does that. The newest `keep` backups of this kind stay.

    Killed in the middle, `put_back_interrupted` does it at the next start.
    """

    def __init__(self, place: HubPlace, file: Path, keep: int) -> None:
        self._place, self._file, self._keep = place, file, keep
        self._mark = place.backups / MARK

    def __enter__(self) -> None:
        self._place.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_backup(self._place, self._file, only_database=True)
        if self._place.database_file is not None:
            fresh = self._mark.with_suffix(".new")
            fresh.write_text(json.dumps({"backup": self._file.name}), encoding="utf-8")
            fresh.replace(self._mark)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            put_back_interrupted(self._place)
        self._mark.unlink(missing_ok=True)
        kept = sorted(self._place.backups.glob("before-upgrade-*.wfbackup"), key=lambda path: path.stat().st_mtime_ns)
        keep = self._keep if error is None else max(1, self._keep)  # what failed names its backup
        for old in kept[: max(0, len(kept) - keep)]:
            old.unlink()


def put_back_interrupted(place: HubPlace) -> bool:
    """Puts SQLite's file back where an upgrade did not come to its end; whether there was one. May be done twice."""
    mark, target = place.backups / MARK, place.database_file
    if target is None or not mark.exists():
        return False
    file = place.backups / json.loads(mark.read_text(encoding="utf-8"))["backup"]
    old = target.with_name(f".{target.name}.old")
    old.unlink(missing_ok=True)
    with open_archive(file) as archive:
        archive.extract(sqlite_database.PART, old)
    for end in ("-wal", "-shm", "-journal"):  # they belong to the half changed one
        Path(f"{target}{end}").unlink(missing_ok=True)
    old.replace(target)
    mark.unlink()
    return True
