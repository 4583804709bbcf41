"""A backup's rows on their way into the hub's database: nothing is seen of them before `commit`."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.backup import postgres_database, sqlite_database
from services.backup.adjust import adjust
from services.backup.archive import Archive, damaged
from services.backup.errors import RestoreFailed
from services.backup.place import HubPlace
from services.backup.reopen import Place, live_places
from services.backup.swap import Move
from services.store.errors import DatabaseUnusable
from services.store.migrate import current_revision, downgrade, known_revisions, sync_url, upgrade

LOCK_SECONDS = 10
_LOCK = "SELECT pg_advisory_xact_lock(727001)"  # as migrations do


@dataclass
class Staged:
    """`workspaces` are the projects' folders by number, `places` where live runs work. A new file takes its place by
    `moves`, rows by `commit`; `mark` is what those are known by (`took_rows`)."""

    workspaces: dict[int, str]
    places: list[Place] = field(default_factory=list[Place])
    file: Path | None = None
    target: Path | None = None
    connection: sa.Connection | None = None
    notes: list[str] = field(default_factory=list[str])
    mark: str = ""
    committed: bool = False

    def moves(self, aside: Path) -> list[Move]:
        """The database's file, and what SQLite keeps beside the old one, which goes with it."""
        if self.file is None or self.target is None:
            return []
        kept = aside / self.target.name
        if aside.parent.stat().st_dev != self.target.parent.stat().st_dev:  # a rename does not leave its disk
            kept = self.target.with_name(f"{self.target.name}.{aside.name}")
        beside = [Move(f"{self.target}{end}", "", f"{kept}{end}") for end in ("-wal", "-shm")]
        return [*beside, Move(str(self.target), str(self.file), str(kept))]

    def commit(self) -> None:
        if self.connection is not None:
            self.connection.commit()
            self.committed = True

    def discard(self) -> None:
        """Whatever was not committed or moved is gone."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)
        if self.connection is not None:
            engine = self.connection.engine
            self.connection.close()
            engine.dispose()


def stage_file(
    archive: Archive, place: HubPlace, migrate_engine: Callable[[str], None], workspaces: Mapping[str, str]
) -> Staged:
    """SQLite: the whole database in a file beside the hub's own, at the newest schema."""
    target = place.database_file
    assert target is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    file = target.with_name(f".{target.name}.restoring")
    for left in (file, *(Path(f"{file}{end}") for end in ("-wal", "-shm", "-journal"))):
        left.unlink(missing_ok=True)
    staged = Staged({}, file=file, target=target)
    try:
        if sqlite_database.PART not in archive.parts:
            raise damaged("it has no database")
        archive.extract(sqlite_database.PART, file)
        sqlite_database.check(file)
        url = f"sqlite:///{file}"
        migrate_engine(url)
        upgrade(url)
        with sqlite_database.opened(file, writing=True) as connection:
            staged.workspaces = adjust(connection, archive.manifest, str(place.home), workspaces)
            staged.places = live_places(connection)
        sqlite_database.settle(file)
        sqlite_database.check(file)
    except BaseException:
        staged.discard()
        raise
    return staged


def bring_rows(
    archive: Archive, place: HubPlace, migrate_engine: Callable[[str], None], workspaces: Mapping[str, str]
) -> Staged:
    """PostgreSQL: everything in one transaction, which is left open. The engine's tables are its own to make, and are
    brought up to date before; only their rows are exchanged."""
    url, manifest = place.database_url, archive.manifest
    at = current_revision(url)
    if at is not None and at not in known_revisions():
        raise RestoreFailed(
            f"The hub's database is at revision {at}, which this version of the hub does not know.",
            "Use the newer version of the hub, or an empty database.",
        )
    migrate_engine(url)
    connection = sa.create_engine(sync_url(url)).connect()
    staged = Staged({}, connection=connection, mark=uuid.uuid4().hex)
    try:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        connection.exec_driver_sql(_LOCK)
        if at is not None:
            downgrade(url, connection)
        upgrade(url, manifest["revision"], connection)
        _load(connection, archive, staged.notes)
        postgres_database.catch_up_sequences(connection)
        upgrade(url, "head", connection)
        staged.workspaces = adjust(connection, manifest, str(place.home), workspaces, staged.mark)
        staged.places = live_places(connection)
    except (SQLAlchemyError, psycopg.Error) as error:
        staged.discard()
        raise _refused(error) from error
    except BaseException:
        staged.discard()
        raise
    return staged


def took_rows(url: str, mark: str) -> bool:
    """PostgreSQL: whether the rows of this mark were committed. Waits for a transaction that is still on its way.

    Raises DatabaseUnusable where the database does not answer.
    """
    engine = sa.create_engine(sync_url(url))
    query = sa.text("SELECT 1 FROM events WHERE kind = 'hub.restored' AND data ->> 'mark' = :mark")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            connection.exec_driver_sql(_LOCK)  # whoever brings rows holds it to the end
            has_events = sa.inspect(connection).has_table("events")
            return has_events and connection.scalar(query, {"mark": mark}) is not None
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0][:300]
        raise DatabaseUnusable(
            f"A restore was cut off, and whether the database took its rows can't be told: {why}",
            "Look whether the database runs and whether anybody else uses it, then start again.",
        ) from error
    finally:
        engine.dispose()


def places_in(url: str) -> list[Place]:
    """See `live_places`; of the hub's database as it is."""
    engine = sa.create_engine(sync_url(url))
    try:
        with engine.connect() as connection:
            return live_places(connection)
    finally:
        engine.dispose()


def _load(connection: sa.Connection, archive: Archive, notes: list[str]) -> None:
    there = {f"database/{'engine' if schema == postgres_database.ENGINE_SCHEMA else 'hub'}/{name}.copy": (schema, name)
             for schema, name in postgres_database.tables(connection)}  # fmt: skip
    postgres_database.empty(connection, there.values())
    for part, columns in archive.manifest["rows"].items():
        if part not in there:
            notes.append(f"{part} is no table of this hub, and was left out")
            continue
        postgres_database.load(connection, *there[part], columns, archive.blocks(part))


def _refused(error: Exception) -> RestoreFailed:
    if isinstance(getattr(error, "orig", error), psycopg.errors.LockNotAvailable):
        return RestoreFailed("Somebody else uses the hub's database.", "Stop every process of the hub, then try again.")
    return RestoreFailed(
        f"The database did not take the backup's rows: {str(error).splitlines()[0][:300]}", "It is as it was."
    )
