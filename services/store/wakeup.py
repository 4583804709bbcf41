"""Learn at once that somebody committed: LISTEN on PostgreSQL, the data version on SQLite. A doorbell, never a fact."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import aclosing

import psycopg
import structlog
from sqlalchemy.engine import make_url

CHANNEL = "wfhub_events"
POLL_SECONDS = 0.04  # each look costs 5 µs of SQLite and a wake of the loop
log = structlog.get_logger()


async def commits(url: str, at_least_every: float) -> AsyncGenerator[None]:
    """Yields after each commit by anyone, several commits at once counting as one, and at least every so many seconds.

    `url` is a Database.url. A lost connection only costs latency: the timer goes on and the connection is made again.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        async with aclosing(_sqlite(parsed.database or "", at_least_every)) as source:
            async for _ in source:
                yield
    else:
        plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        async with aclosing(_postgres(plain, at_least_every)) as source:
            async for _ in source:
                yield


async def _sqlite(path: str, at_least_every: float) -> AsyncGenerator[None]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        seen, waited = -1, 0.0
        while True:
            version = connection.execute("PRAGMA data_version").fetchone()[0]
            if version != seen or waited >= at_least_every:
                seen, waited = version, 0.0
                yield
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
    finally:
        connection.close()


async def _postgres(url: str, at_least_every: float) -> AsyncGenerator[None]:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                yield
                while True:
                    async for _ in connection.notifies(timeout=at_least_every, stop_after=1):
                        pass
                    yield
        except psycopg.OperationalError as error:
            log.warning("wakeup.lost", error=str(error))
            yield
            await asyncio.sleep(min(1.0, at_least_every))
