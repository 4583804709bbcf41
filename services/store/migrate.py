"""Brings a database to the newest schema. Runs before any process of the hub starts."""

import os
import sys
from pathlib import Path

from sqlalchemy.engine import make_url

from services.store.database import async_url
from services.store.errors import DatabaseUnusable

SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"
_SYNC = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def sync_url(url: str) -> str:
    """The URL for a synchronous driver, as migrations and the engine need it."""
    parsed = make_url(async_url(url))
    return parsed.set(drivername=_SYNC[parsed.get_backend_name()]).render_as_string(hide_password=False)


def upgrade(url: str, revision: str = "head") -> None:
    """Applies what is missing. The folder of a SQLite file is made; a folder that can't be written is said plainly."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        _check_sqlite(Path(parsed.database))
    from alembic import command  # heavy, and only needed here

    command.upgrade(_config(url), revision)


def check(url: str) -> None:
    """Raises when the models say something that no migration does yet."""
    from alembic import command

    command.check(_config(url))


def _config(url: str):
    from alembic.config import Config

    config = Config(str(SCRIPTS / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _check_sqlite(path: Path) -> None:
    import sqlite3

    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        raise DatabaseUnusable(
            f"Python {'.'.join(map(str, sys.version_info[:2]))} needs SQLite 3.42 or newer for the engine, "
            f"and this one has {sqlite3.sqlite_version}.",
            "Use Python 3.11, or set DATABASE_URL to a PostgreSQL database.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(
            f"The folder {path.parent} can't be made: {error.strerror}.", "Set WFHUB_HOME."
        ) from error
    if not os.access(path.parent, os.W_OK):
        raise DatabaseUnusable(f"The folder {path.parent} can't be written.", "Set WFHUB_HOME to one that can.")
