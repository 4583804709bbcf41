"""A commit of anyone wakes who listens, at once; a rollback wakes nobody."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from services.events import log
from services.store.database import Database
from services.store.wakeup import commits

NEVER = 3600.0
PROMPTLY = 30.0  # a wake that never comes fails here; how quick it is, benchmarks/ says
OTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO events (at, actor, kind, data) VALUES ('2026-01-01', 'hub', 'test', '{}')")
connection.commit() if sys.argv[2] == "commit" else connection.rollback()
"""


@asynccontextmanager
async def listening(url: str) -> AsyncIterator["asyncio.Queue[None]"]:
    """A queue with an entry for each wake after the first, which tells that the listener is there."""
    rung: asyncio.Queue[None] = asyncio.Queue()

    async def listen() -> None:
        async with aclosing(commits(url, NEVER)) as doorbell:
            async for _ in doorbell:
                rung.put_nowait(None)

    task = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(PROMPTLY):
            await rung.get()
        yield rung
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def heard(rung: "asyncio.Queue[None]", seconds: float = PROMPTLY) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await rung.get()
    except TimeoutError:
        return False
    while not rung.empty():
        rung.get_nowait()
    return True


async def say(database: Database, *, rolled_back: bool = False) -> None:
    async with database.write() as session:
        await log.append(session, "test", actor="hub")
        await session.flush()
        if rolled_back:
            await session.rollback()


async def test_each_commit_wakes(database: Database) -> None:
    async with listening(database.url) as rung:
        for _ in range(20):
            await say(database)
            assert await heard(rung)


async def test_a_rollback_wakes_nobody(database: Database) -> None:
    async with listening(database.url) as rung:
        await say(database, rolled_back=True)
        assert not await heard(rung, 0.5)
        await say(database)
        assert await heard(rung)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("polls", [False, True], ids=["inotify", "polling"])
async def test_a_commit_of_another_process_wakes(
    database: Database, polls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the kernel has no watch to give."""
    if polls:
        monkeypatch.setattr("inotify_simple.INotify.add_watch", _no_watch_left)
    path = database.engine.url.database or ""
    async with listening(database.url) as rung:
        for ending, wakes in (("rollback", False), ("commit", True)):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, path, ending)
            assert await process.wait() == 0
            assert await heard(rung, PROMPTLY if wakes else 0.5) is wakes


def _no_watch_left(*_: object) -> None:
    raise OSError(28, "No space left on device")
