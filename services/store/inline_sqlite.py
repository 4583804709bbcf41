"""SQLite for an async program without a thread for each statement.

The usual async driver hands every statement to a thread of its own connection: 1 ms each on a two-core machine, where
SQLite itself needs 0.05 ms. This dialect runs the statement where it is asked for. The event loop is held for that long
and no longer: nobody waits for a lock inside SQLite, `Database.write` waits for the write lock outside.
"""

import sqlite3
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import ConnectArgsType
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool, PoolProxiedConnection

DRIVER = "sqlite+inline"


class InlineCursor(sqlite3.Cursor):
    """A cursor with nothing to wait for at its end, where SQLAlchemy's async results ask."""

    async def _async_soft_close(self) -> None:
        return None


class InlineConnection(sqlite3.Connection):
    """Hands out such cursors."""

    def cursor(self, factory: type[sqlite3.Cursor] | None = None) -> sqlite3.Cursor:  # pyright: ignore
        return super().cursor(factory or InlineCursor)


class InlineSqlite(SQLiteDialect_pysqlite):
    """The standard library's driver, under an AsyncEngine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    def create_connect_args(self, url: URL) -> ConnectArgsType:
        arguments, options = super().create_connect_args(url)
        return arguments, {**options, "factory": InlineConnection, "check_same_thread": False}

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """SQLite leaves the transaction open when its commit fails; the connection must not go back like that."""
        try:
            super().do_commit(dbapi_connection)
        except sqlite3.Error:
            dbapi_connection.rollback()
            raise

    @classmethod
    def get_pool_class(cls, url: Any) -> type[Pool]:
        return AsyncAdaptedQueuePool


def register() -> None:
    """Makes `sqlite+inline://` known to SQLAlchemy."""
    registry.register("sqlite.inline", __name__, InlineSqlite.__name__)
