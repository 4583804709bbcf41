"""SQLite: a copy of the whole file at one moment, checked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from services.backup.archive import damaged
from services.backup.errors import BackupRefused

PART = "database/hub.sqlite"


def copy(source: Path, target: Path) -> None:
    """`source` as it is at one moment, whoever writes to it meanwhile; in one piece, so that writers do not have it
    begun anew again and again. `target` is a new file."""
    if not source.is_file():
        raise BackupRefused(f"There is no database at {source} yet.", "Start the hub first: ./start.sh.")
    target.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target)) as new:
        old.execute("PRAGMA query_only=ON")
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    check(target)


def check(file: Path) -> None:
    """Raises BackupDamaged where SQLite finds a fault, or a row refers to one that is not there."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise damaged(f"its database can't be read ({error})") from error
    if said != ["ok"]:
        raise damaged(f"its database is broken: {said[0]}")
    if lost:
        raise damaged(f"a row of {lost[0]} refers to one of {lost[2]} that is not there")


def settle(file: Path) -> None:
    """All of it in the one file, so that it can be moved."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def opened(file: Path, *, writing: bool = False) -> Iterator[sa.Connection]:
    """A connection to a copy that nobody else uses; what is written is committed at the end."""
    engine = sa.create_engine(f"sqlite:///{file}")
    try:
        with engine.begin() if writing else engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
