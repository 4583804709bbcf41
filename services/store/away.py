"""Whether the database itself is away, and not what was asked of it wrong."""

import sys
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_away(error: BaseException | None) -> bool:
    """Gone, restarting, or out of reach, by what SQLAlchemy or psycopg raised. A SQLite file is never away."""
    driver: Any = sys.modules.get("psycopg")  # not loaded on SQLite, where it would be 10 MB for nothing
    cause, lost = error, isinstance(error, PoolTimeout)
    if isinstance(error, DBAPIError):
        cause, lost = error.orig, error.connection_invalidated
    return lost or (driver is not None and isinstance(cause, driver.OperationalError))
