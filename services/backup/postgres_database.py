"""PostgreSQL: the rows of every table in one snapshot, by COPY. Needs no program of the server's version."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import SQLAlchemyError

from services.backup.archive import ArchiveWriter
from services.backup.errors import BackupRefused
from services.store.migrate import sync_url

ENGINE_SCHEMA = "dbos"
# Migrations say what they are at by themselves; the words of the search are taken from the rows by triggers.
LEFT_OUT = frozenset({"dbos_migrations", "alembic_version", "search_texts"})


@contextmanager
def snapshot(url: str) -> Iterator[sa.Connection]:
    """A transaction that sees one moment, and only reads."""
    engine = sa.create_engine(sync_url(url), isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            yield connection
    except SQLAlchemyError as error:
        raise BackupRefused(
            f"The database could not be read: {str(error).splitlines()[0][:300]}",
            "Look whether it runs, and whether the hub was started on it before.",
        ) from error
    finally:
        engine.dispose()


def tables(connection: sa.Connection) -> list[tuple[str, str]]:
    """The hub's and the engine's tables, as schema and name; who is referred to comes first."""
    inspector = sa.inspect(connection)
    return [
        (schema, str(name))
        for schema in (own_schema(connection), ENGINE_SCHEMA)
        for name, _ in inspector.get_sorted_table_and_fkc_names(schema=schema)
        if name and name not in LEFT_OUT
    ]


def size(url: str) -> int:
    """Bytes of all that `write` reads: rows, without their indexes."""
    query = sa.text(
        "SELECT pg_table_size(CAST(format('%I.%I', CAST(:schema AS text), CAST(:name AS text)) AS regclass))"
    )
    with snapshot(url) as connection:
        there = tables(connection)
        return sum(int(connection.scalar(query, {"schema": schema, "name": name}) or 0) for schema, name in there)


def own_schema(connection: sa.Connection) -> str:
    """Where the hub's own tables are."""
    return str(connection.scalar(sa.text("SELECT current_schema()")))


def write(connection: sa.Connection, archive: ArchiveWriter) -> dict[str, list[str]]:
    """Adds `database/<hub|engine>/<table>.copy`; answers the columns of each, for `load`."""
    known: dict[str, list[str]] = {}
    for schema, name in tables(connection):
        part = f"database/{'engine' if schema == ENGINE_SCHEMA else 'hub'}/{name}.copy"
        columns = [str(one["name"]) for one in sa.inspect(connection).get_columns(name, schema=schema)]
        archive.add(part, _rows(connection, _copy(schema, name, columns, sql.SQL("TO STDOUT"))))
        known[part] = columns
    return known


def _rows(connection: sa.Connection, statement: sql.Composed) -> Iterator[bytes]:
    with raw(connection).cursor() as cursor, cursor.copy(statement) as copied:
        for block in copied:
            yield bytes(block)


def empty(connection: sa.Connection, tables: Iterable[tuple[str, str]]) -> None:
    """Takes every row of these tables, and of those that refer to them."""
    listed = ", ".join(f"{_quoted(schema)}.{_quoted(name)}" for schema, name in tables)
    connection.exec_driver_sql(f"TRUNCATE {listed} CASCADE")


def load(connection: sa.Connection, schema: str, table: str, columns: list[str], blocks: Iterator[bytes]) -> None:
    """Brings rows into a table, which is empty."""
    statement = _copy(schema, table, columns, sql.SQL("FROM STDIN"))
    with raw(connection).cursor() as cursor, cursor.copy(statement) as copied:
        for block in blocks:
            copied.write(block)


def catch_up_sequences(connection: sa.Connection) -> None:
    """The next number of each table is above those that are there. Never lowered: that would outlive a rollback."""
    found = connection.execute(
        sa.text(
            "SELECT n.nspname, c.relname, a.attname, pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname),"
            " a.attname) AS sequence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relkind = 'r' AND n.nspname IN (current_schema(), :engine)"
        ),
        {"engine": ENGINE_SCHEMA},
    )
    for schema, table, column, sequence in found.all():
        if sequence is not None:
            connection.exec_driver_sql(
                f"SELECT setval('{sequence}', greatest((SELECT max({_quoted(column)}) FROM "
                f"{_quoted(schema)}.{_quoted(table)}), (SELECT last_value FROM {sequence}), 1))"
            )


def raw(connection: sa.Connection) -> "psycopg.Connection[Any]":
    """The driver's own connection, in the same transaction."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def _copy(schema: str, table: str, columns: list[str], direction: sql.SQL) -> sql.Composed:
    listed = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("COPY {}.{} ({}) {}").format(sql.Identifier(schema), sql.Identifier(table), listed, direction)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
