"""What must hold before main-api listens: each miss is one sentence, not a stack trace."""

import asyncio
import socket
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.refusals import AddressTaken, DatabaseAway, DatabaseNotMigrated
from main_api.settings import MainSettings
from services.store.away import is_away
from services.store.database import Database
from services.store.errors import DatabaseUnusable
from services.store.migrate import newest_revision

log = structlog.get_logger()
AWAY_SECONDS = 1.0  # between two looks for a database that is away


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


async def await_database(url: str) -> None:
    """`check_database`, where a PostgreSQL that is away is waited for: both may have been started just now."""
    db = Database(url)
    try:
        while True:
            try:
                await check_database(db)
            except DatabaseAway as error:
                log.warning("hub.waits_for_database", error=str(error))
            else:
                return
            await asyncio.sleep(AWAY_SECONDS)
    finally:
        await db.close()


async def check_database(db: Database) -> None:
    """The database answers, and its schema is the one this code was written for."""
    _check_file(db)
    try:
        async with db.read() as session:
            known = await session.run_sync(lambda s: sa.inspect(s.connection()).has_table("alembic_version"))
            at = await session.scalar(sa.text("SELECT version_num FROM alembic_version")) if known else None
    except (SQLAlchemyError, OSError) as error:
        refused = DatabaseAway if is_away(error) else DatabaseUnusable
        sentence = f"The database does not answer: {str(error).splitlines()[0]}"
        raise refused(sentence, "Check that it runs, and DATABASE_URL.") from error
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
