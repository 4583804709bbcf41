"""Whether the database answers, and which it is."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from main_api.health.part import Report
from services.store.database import Database

WAY_OUT = "Look whether it runs and whether DATABASE_URL is right; ./start.sh status tells more."


async def look_at_database(db: Database) -> Report:
    version = "SELECT sqlite_version()" if db.is_sqlite else "SHOW server_version"
    try:
        async with db.read() as session:
            told = str(await session.scalar(sa.text(version)))
            revision = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError) as error:
        said = str(error.__cause__ or error).splitlines()[0]
        return Report("unwell", f"The database does not answer: {said}.", WAY_OUT)
    kind = "SQLite" if db.is_sqlite else "PostgreSQL"
    facts: dict[str, Any] = {"kind": kind.lower(), "version": told, "revision": revision}
    if db.is_sqlite:
        facts["bytes"] = await asyncio.to_thread(_size, Path(db.engine.url.database or ""))
    return Report("well", f"{kind} {told.split()[0]} answers.", facts=facts)


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None
