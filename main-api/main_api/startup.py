"""What must hold before main-api listens: each miss is one sentence, not a stack trace."""

import socket
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from main_api.refusals import AddressTaken, DatabaseNotMigrated
from main_api.settings import MainSettings
from services.store.database import Database
from services.store.errors import DatabaseUnusable
from services.store.migrate import newest_revision


def check_address(settings: MainSettings) -> None:
    """Binds for a moment, as uvicorn reports a taken port only after the app has started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise AddressTaken(
                f"main-api can't listen on {settings.host}:{settings.port}: {error.strerror}.",
                "Stop what uses the port, or set another MAIN_API_PORT.",
            ) from error


async def check_database(db: Database) -> None:
    """The database answers, and its schema is the one this code was written for."""
    _check_file(db)
    try:
        async with db.read() as session:
            known = await session.run_sync(lambda s: sa.inspect(s.connection()).has_table("alembic_version"))
            at = await session.scalar(sa.text("SELECT version_num FROM alembic_version")) if known else None
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnusable(
            f"The database does not answer: {str(error).splitlines()[0]}", "Check DATABASE_URL."
        ) from error
    wanted = newest_revision()
    if at != wanted:
        raise DatabaseNotMigrated(
            f"The database is at revision {at or 'none'}, and this version of the hub needs {wanted}.",
            "Run ./start.sh, which migrates it.",
        )


def _check_file(db: Database) -> None:
    path = db.engine.url.database
    if db.is_sqlite and not (path and Path(path).is_file()):  # connecting would make an empty file
        raise DatabaseNotMigrated(f"There is no database at {path} yet.", "Run ./start.sh, which makes it.")
