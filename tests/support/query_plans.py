"""What a database of SQLite is asked, and by which way it answers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import event

from services.store.database import Database


@contextmanager
def said(database: Database, about: str) -> Iterator[list[tuple[str, Any]]]:
    """The statements with these words in them, each with its values."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if about in statement:
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def steps_of(database: Database, statement: str, parameters: Any) -> list[str]:
    """As EXPLAIN QUERY PLAN words them (https://www.sqlite.org/eqp.html)."""
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
