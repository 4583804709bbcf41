"""Brings a database to the newest schema. Runs before any process of the hub starts."""

import os
import re
import sys
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from services.store.database import async_url
from services.store.errors import DatabaseUnusable

SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"
_REVISION = re.compile(r"""^(revision|down_revision)\s*(?::[^=]*)?=\s*["']([^"']+)["']""", re.M)
_SYNC = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def sync_url(url: str) -> str:
    """The URL for a synchronous driver, as migrations and the engine need it."""
    parsed = make_url(async_url(url))
    return parsed.set(drivername=_SYNC[parsed.get_backend_name()]).render_as_string(hide_password=False)


def upgrade(url: str, revision: str = "head", connection: sa.Connection | None = None) -> None:
    """Applies what is missing. The folder of a SQLite file is made; a folder that can't be written is said plainly.

    With `connection` all of it happens in that one's transaction, which stays open.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        _check_sqlite(Path(parsed.database))
    from alembic import command  # heavy, and only needed here

    command.upgrade(_config(url, connection), revision)


def downgrade(url: str, connection: sa.Connection) -> None:
    """Takes all of the hub's tables away, with what is in them, in the transaction of `connection`."""
    from alembic import command

    command.downgrade(_config(url, connection), "base")


def known_revisions() -> set[str]:
    """Every revision this version of the hub can bring a database to."""
    return {value for name, value in _revision_lines() if name == "revision"}


def newest_revision() -> str:
    """The migration that no other one follows. Read from the files: importing Alembic would cost memory for good."""
    followed = {value for name, value in _revision_lines() if name == "down_revision"}
    return max(known_revisions() - followed)


def current_revision(url: str) -> str | None:
    """What the database is at; None where there are no tables of the hub's yet, or no database.

    Raises DatabaseUnusable where it does not answer.
    """
    parsed = make_url(sync_url(url))
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return None  # connecting would make an empty file
    engine = sa.create_engine(parsed)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        raise DatabaseUnusable(
            f"The database does not answer: {str(error).splitlines()[0][:300]}", "Check DATABASE_URL."
        ) from error
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Raises when the models say something that no migration does yet."""
    from alembic import command

    command.check(_config(url))


def _revision_lines() -> list[tuple[str, str]]:
    texts = (path.read_text(encoding="utf-8") for path in (SCRIPTS / "versions").glob("*.py"))
    return [found for text in texts for found in _REVISION.findall(text)]


def _config(url: str, connection: sa.Connection | None = None):
    from alembic.config import Config

    config = Config(str(SCRIPTS / "alembic.ini"))
    config.attributes["connection"] = connection
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
