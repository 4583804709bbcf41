"""SQLite for an async program without a thread for each statement.

The usual async driver hands every statement to a thread of its own connection: 1 ms each on a two-core machine, where
SQLite itself needs 0.05 ms. This dialect runs the statement where it is asked for. The event loop is held for that long
and no longer: nobody waits for a lock inside SQLite, `Database.write` waits for the write lock outside.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool

DRIVER = "sqlite+inline"


class InlineSqlite(SQLiteDialect_pysqlite):
    """The standard library's driver, under an AsyncEngine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: Any) -> type[Pool]:
        return AsyncAdaptedQueuePool


def register() -> None:
    """Makes `sqlite+inline://` known to SQLAlchemy."""
    registry.register("sqlite.inline", __name__, InlineSqlite.__name__)
