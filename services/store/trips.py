"""Transactions of plain statements on a connection of their own.

What a transaction has to say is a generator of trips: statements that go to the database together, and whose rows come
back together. On SQLite that is one after the other. On PostgreSQL each way to the server and back is waited for, so a
trip is one of them (its pipeline), with the BEGIN before the first and the COMMIT behind the last.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from services.store.plain import Statement

T = TypeVar("T")
log = structlog.get_logger(__name__)
BUSY_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.02  # seconds between two tries to get SQLite's write lock
CLOSE_SECONDS = 5.0
IDLE_SECONDS = 1.0  # a connection that was silent for so long is asked whether it still stands
CHECKPOINT_PAGES = 4_000  # of the log, until it is put into the file: hot pages are written there once for many commits
LOCK = "SELECT pg_advisory_xact_lock(%s)"


@dataclass(frozen=True, slots=True)
class Trip:
    """Statements with their values, in their order. `last`: nothing follows, so that the commit goes with them.

    `lock` is an advisory lock that is taken before, until the end of the transaction; on SQLite a writer is alone
    anyway.
    """

    statements: list[tuple[Statement, Mapping[str, Any]]]
    last: bool = False
    lock: int | None = None


Steps = Generator[Trip, list[list[Any]], T]


class Trips(Protocol):
    """One transaction after the other; who calls waits for the one before."""

    async def carry(self, make: Callable[[], Steps[T]]) -> T:
        """One transaction; `make` is called again where it could not begin. Raises the driver's own errors."""
        ...

    async def close(self) -> None: ...


class OnSqlite:
    """Its pages stay in memory, and it waits for nobody inside SQLite."""

    def __init__(self, engine: AsyncEngine, guard: Callable[[], None]) -> None:
        self._engine, self._guard = engine, guard
        self._raw: Any = None

    async def carry(self, make: Callable[[], Steps[T]]) -> T:
        if self._raw is None:
            self._raw = await greenlet_spawn(self._engine.sync_engine.raw_connection)
            self._raw.driver_connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + BUSY_SECONDS, FIRST_PAUSE
        while True:
            self._guard()
            cursor = self._raw.driver_connection.cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or loop.time() > until:
                    raise
            else:
                return self._carry(cursor, make())
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _carry(self, cursor: Any, steps: Steps[T]) -> T:
        connection = self._raw.driver_connection
        try:
            done = self._drive(cursor, steps)
            self._guard()
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return done

    def _drive(self, cursor: Any, steps: Steps[T]) -> T:
        dialect = self._engine.dialect
        try:
            trip = next(steps)
            while True:
                trip = steps.send([one.run(dialect, cursor, values) for one, values in trip.statements])
        except StopIteration as end:
            return end.value

    async def close(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None


class OnPostgres:
    """What breaks ends the connection, and with it the transaction; the next one makes another."""

    def __init__(self, engine: AsyncEngine, guard: Callable[[], None]) -> None:
        self._engine, self._guard = engine, guard
        self._connection: Any = None
        self._used = 0.0
        self._turn = asyncio.Lock()

    async def carry(self, make: Callable[[], Steps[T]]) -> T:
        async with self._turn:
            self._guard()
            connection = await self._open()
            try:
                done = await self._drive(connection, make())
            except BaseException:
                await self._drop()
                raise
            self._used = time.monotonic()
            return done

    async def look(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """The rows of one SELECT outside of any transaction. Many may ask at once. Raises the driver's own errors."""
        async with self._turn:
            connection = await self._open()
            try:
                cursor = await connection.execute(*statement.bound(self._engine.dialect, values))
                rows = await cursor.fetchall()
            except BaseException:
                await self._drop()
                raise
            self._used = time.monotonic()
            return rows

    async def _drive(self, connection: Any, steps: Steps[T]) -> T:
        try:
            trip, sent = next(steps), 0
        except StopIteration as end:
            return end.value  # nothing to say
        while True:
            if trip.last:
                self._guard()
            answers = await self._send(connection, trip, first=not sent)
            sent += 1
            try:
                following = steps.send(answers)
            except StopIteration as end:
                if not trip.last:
                    self._guard()
                    await connection.execute("COMMIT")
                return end.value
            if trip.last:
                raise RuntimeError("a transaction went on after its last trip")
            trip = following

    async def _send(self, connection: Any, trip: Trip, first: bool) -> list[list[Any]]:
        """One way to the server and back. Raises what the first statement that failed says."""
        cursors: list[Any] = []
        async with connection.pipeline():
            if first:
                await connection.execute("BEGIN")
            if trip.lock is not None:
                await connection.execute(LOCK, (trip.lock,))
            for statement, values in trip.statements:
                text, bound = statement.bound(self._engine.dialect, values)
                cursors.append(await connection.execute(text, bound))
            if trip.last:
                await connection.execute("COMMIT")
        return [
            await cursor.fetchall() if statement.on(self._engine.dialect).answers else []
            for cursor, (statement, _) in zip(cursors, trip.statements, strict=True)
        ]

    async def _open(self) -> Any:
        if self._connection is not None and time.monotonic() - self._used > IDLE_SECONDS:
            try:
                await self._connection.execute("SELECT 1")
            except self._engine.dialect.loaded_dbapi.OperationalError:  # pyright: ignore
                await self._drop()
        if self._connection is None:
            raw: Any = await greenlet_spawn(self._engine.sync_engine.raw_connection)
            self._connection = raw.driver_connection
            raw.detach()
            await self._connection.set_autocommit(True)
        return self._connection

    async def close(self) -> None:
        """Once the way is free, or after CLOSE_SECONDS: libpq breaks the whole program where a connection ends under
        somebody who asks it something."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS), self._turn:
                await self._drop()
        except TimeoutError:
            log.warning("database.not_closed", seconds=CLOSE_SECONDS)

    async def _drop(self) -> None:
        if self._connection is not None:
            gone, self._connection = self._connection, None
            await gone.close()


def trips_of(engine: AsyncEngine, guard: Callable[[], None]) -> Trips:
    return OnSqlite(engine, guard) if engine.dialect.name == "sqlite" else OnPostgres(engine, guard)
