"""Whether the database answers, and which it is."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from main_api.health.part import Report
from services.store.database import Database

LOCK_SECONDS = 1.0
WAY_OUT = "Look whether it runs and whether DATABASE_URL is right; ./start.sh status tells more."


async def look_at_database(db: Database) -> Report:
    version = "SELECT sqlite_version()" if db.is_sqlite else "SHOW server_version"
    try:
        async with db.read() as session:
            told = str(await session.scalar(sa.text(version)))
            revision = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if db.is_sqlite and (held := await _held(db)):
            return held
    except (SQLAlchemyError, OSError) as error:
        said = str(error.__cause__ or error).splitlines()[0]
        return Report("unwell", f"The database does not answer: {said}.", WAY_OUT)
    kind = "SQLite" if db.is_sqlite else "PostgreSQL"
    facts: dict[str, Any] = {"kind": kind.lower(), "version": told, "revision": revision}
    if db.is_sqlite:
        facts["bytes"] = await asyncio.to_thread(_size, Path(db.engine.url.database or ""))
    return Report("well", f"{kind} {told.split()[0]} answers.", facts=facts)


async def _held(db: Database) -> Report | None:
    """Reading goes on while another program holds the lock for writing; nothing can be saved then."""
    try:
        async with asyncio.timeout(LOCK_SECONDS), db.write():
            return None
    except TimeoutError:
        sentence = f"Another program has kept SQLite's lock for writing for {LOCK_SECONDS:g} s: nothing can be saved."
        return Report("unwell", sentence, "Close what has hub.sqlite open. What waits for it goes on by itself then.")


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None
