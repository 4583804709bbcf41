"""Who is frozen in the middle of a transaction holds its locks, and the server's own time limit does not see it."""

import asyncio

import psycopg
import pytest

from services.store.database import Database
from services.store.frozen import end_frozen

pytestmark = pytest.mark.postgres
LOCK = "SELECT pg_advisory_xact_lock(%s)"
TRY = "SELECT pg_try_advisory_lock(%s)"


def silent_for(seconds: float) -> str:
    return f"-c idle_in_transaction_session_timeout={int(seconds * 1000)}"


async def free(url: str, number: int) -> bool:
    async with await psycopg.AsyncConnection.connect(url) as other:
        row = await (await other.execute(TRY, (number,))).fetchone()
    return row == (True,)


async def end(url: str, seconds: float) -> int:
    db = Database(url)
    async with db.read() as session:
        ended = await end_frozen(session, seconds)
    await db.close()
    return ended


async def test_a_lock_held_in_the_middle_of_a_pipeline_is_freed(postgres_url: str) -> None:
    frozen = await psycopg.AsyncConnection.connect(postgres_url, autocommit=True, options=silent_for(0.2))
    with pytest.raises(psycopg.OperationalError):
        async with frozen.pipeline():
            await frozen.execute("BEGIN")
            await frozen.execute(LOCK, (7,))  # and never its Sync
            await asyncio.sleep(0.6)
            assert not await free(postgres_url, 7), "the server has ended it by itself: this is not needed any more"
            assert await end(postgres_url, 60) == 0  # not for so long
            assert await end(postgres_url, 0.3) == 1
            async with asyncio.timeout(10):
                while not await free(postgres_url, 7):  # noqa: ASYNC110 - it ends a moment later, and tells nobody
                    await asyncio.sleep(0.02)
    await frozen.close()


async def test_who_waits_works_or_brings_rows_is_left_alone(postgres_url: str) -> None:
    holds = await psycopg.AsyncConnection.connect(postgres_url)
    await holds.execute(LOCK, (8,))
    waits = await psycopg.AsyncConnection.connect(postgres_url)
    works = await psycopg.AsyncConnection.connect(postgres_url)
    brings = await psycopg.AsyncConnection.connect(postgres_url)
    await brings.execute("CREATE TEMPORARY TABLE rows (n int)")
    waiting = asyncio.create_task(waits.execute(LOCK, (8,)))
    working = asyncio.create_task(works.execute("SELECT pg_sleep(0.6)"))
    async with brings.cursor().copy("COPY rows FROM STDIN") as copy:
        await copy.write_row((1,))
        await asyncio.sleep(0.4)
        assert await end(postgres_url, 0.1) == 0
        await copy.write_row((2,))
    await holds.commit()
    await waiting
    await working
    for connection in (holds, waits, works, brings):
        await connection.close()


async def test_a_database_of_one_file_has_nothing_to_free(sqlite_url: str) -> None:
    assert await end(sqlite_url, 0) == 0
