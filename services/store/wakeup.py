"""Learn at once that somebody committed: LISTEN on PostgreSQL; on SQLite the kernel says that its log was written, and
the data version that it was a commit. A doorbell, never a fact."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

from services.store.wal_watch import WalWatch

CHANNEL = "wfhub_events"
POLL_SECONDS = 0.04  # where the kernel does not tell; each look costs 5 µs of SQLite and a wake of the loop
FIRST_LOOK, LAST_LOOK = 0.0005, 0.1  # seconds after a write
log = structlog.get_logger()


async def commits(url: str, at_least_every: float, rest: float = 0.0) -> AsyncGenerator[None]:
    """Yields after each commit by anyone, several commits at once counting as one, and at least every so many seconds.

    The next one is told `rest` seconds later at the earliest: a gateway at work commits a thousand times a second.

    `url` is a Database.url. A lost connection only costs latency: the timer goes on and the connection is made again.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        async with aclosing(_sqlite(parsed.database or "", at_least_every, rest)) as source:
            async for _ in source:
                yield
    else:
        plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        async with aclosing(_postgres(plain, at_least_every, rest)) as source:
            async for _ in source:
                yield


async def _sqlite(path: str, at_least_every: float, rest: float) -> AsyncGenerator[None]:
    """Looks at the data version when the log was written, and a few times shortly after: see WalWatch."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        with WalWatch(Path(path)) as writes:
            loop, longest = asyncio.get_running_loop(), at_least_every if writes.watching else POLL_SECONDS
            seen, due, pause = -1, 0.0, longest
            while True:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen or loop.time() >= due:
                    seen, due = version, loop.time() + at_least_every
                    yield
                    await writes.rest(rest)
                written = await writes.wait(max(0.0, min(pause, due - loop.time())))
                pause = FIRST_LOOK if written else pause * 4 if pause < LAST_LOOK else longest
    finally:
        connection.close()


async def _postgres(url: str, at_least_every: float, rest: float) -> AsyncGenerator[None]:
    import psycopg  # here, as it takes 10 MB: a hub on SQLite has no use for it

    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                yield
                while True:
                    async for _ in connection.notifies(timeout=at_least_every, stop_after=1):
                        pass
                    yield
                    await asyncio.sleep(rest)
        except psycopg.OperationalError as error:
            log.warning("wakeup.lost", error=str(error))
            yield
            await asyncio.sleep(min(1.0, at_least_every))
