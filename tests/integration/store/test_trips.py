"""A database is closed while somebody still asks it something: as a workflow does at the end of its orchestrator."""

import asyncio

import pytest
import sqlalchemy as sa

from services.store.database import Database
from services.store.plain import Statement

pytestmark = pytest.mark.postgres


async def test_who_still_asks_is_answered_before_the_connection_ends(postgres_url: str) -> None:
    db = Database(postgres_url)
    slow = Statement(sa.select(sa.literal(7), sa.func.pg_sleep(0.3)))
    await db.look(slow, {})
    asked = asyncio.create_task(db.look(slow, {}))
    await asyncio.sleep(0.05)
    await db.close()
    assert (await asked)[0][0] == 7
    assert db._looks._connection is None
