"""On PostgreSQL one transaction at a time tells events, and asks for that once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.events import log
from services.store import later
from services.store.database import Database
from services.store.models import Event

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


async def test_it_is_asked_for_once_in_a_transaction_and_again_in_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = later.ask

    async def note(session: AsyncSession, *told: later.Asked) -> list[list[Any]]:
        texts = [statement.on(database.engine.dialect).text for statement, _ in told]
        asked.extend("lock" for text in texts if "pg_advisory_xact_lock" in text)
        return await ask(session, *told)

    monkeypatch.setattr(log, "ask", note)
    async with database.write() as session:
        await log.append(session, "one", actor="hub")
        async with session.begin_nested():
            await log.append(session, "two", actor="hub")
        await log.append(session, "three", actor="hub")
        assert asked == ["lock"]
        await session.commit()
        await log.append(session, "four", actor="hub")
    assert asked == ["lock"] * 2


async def test_what_a_savepoint_gave_up_is_taken_again(database: Database) -> None:
    """Without it, a later number could be visible before an earlier one."""

    async def newest(session: AsyncSession) -> int:
        return await session.scalar(sa.select(sa.func.max(Event.seq))) or 0

    async def another() -> int:
        async with database.write() as session:
            await log.append(session, "another", actor="hub")
            return await newest(session)

    async with database.write() as session:
        savepoint = await session.begin_nested()
        await log.append(session, "taken back", actor="hub")
        await savepoint.rollback()
        here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        free = sa.text(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {here}")
        assert await session.scalar(free) == 0, "PostgreSQL gave it up with the savepoint"
        await log.append(session, "kept", actor="hub")
        kept = await newest(session)
        waiting = asyncio.create_task(another())
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
    assert await waiting > kept
