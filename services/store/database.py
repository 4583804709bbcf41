"""The one way to the rows: an async engine, a writing transaction, and a reading one."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.util import greenlet_spawn

from services.store import inline_sqlite
from services.store.errors import DatabaseUnusable
from services.store.liveness import ask_after_idle
from services.store.plain import Rows, Statement, telling
from services.store.session import HubSession
from services.store.trips import BUSY_SECONDS, FIRST_PAUSE, LONGEST_PAUSE, OnPostgres, Steps, trips_of

T = TypeVar("T")
CONNECT_BUSY_MS = 5_000
IDLE_SECONDS = 60.0
PREPARED_FROM = 1  # executions of a statement on a connection before PostgreSQL is asked to keep its plan
_DRIVERS = {"sqlite": inline_sqlite.DRIVER, "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def async_url(url: str) -> str:
    """The URL with the async driver of its database; `sqlite:///x` and `postgresql://...` are understood."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusable(
            "DATABASE_URL can't be read.", "Write it as sqlite:///path or postgresql://user@host/name."
        ) from error
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise DatabaseUnusable(f"There is no support for the database {backend}.", "Use SQLite or PostgreSQL.")
    return parsed.set(drivername=_DRIVERS[backend]).render_as_string(hide_password=False)


inline_sqlite.register()


class _Locked(Exception):
    """Another writer is at work."""

    def __init__(self, cause: sqlite3.OperationalError) -> None:
        super().__init__()
        self.cause = cause


def _begin_alone(cursor: Any) -> None:
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise _Locked(error) from error


class Database:
    """Sessions on one database.

    `write()` is one transaction that commits at its end; on SQLite it takes the write lock at its start (BEGIN
    IMMEDIATE), because a transaction that reads first and writes later fails at once when another has written.
    `read()` never writes. Hold neither across a model call, git, or a stream.

    `guard` is called when a writing transaction begins and before it commits; what it raises ends the transaction. On
    PostgreSQL the server ends a transaction whose program says nothing for `idle_seconds`: frozen in the middle of one,
    it would keep its locks, and the others out.
    """

    def __init__(
        self,
        url: str,
        pool_size: int = 5,
        *,
        guard: Callable[[], None] = lambda: None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        arguments: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size * 2, "json_deserializer": _loads}
        if not self.is_sqlite:
            arguments["pool_use_lifo"] = True  # what was used last has its statements prepared
            given = make_url(self.url).query.get("options", "")
            idle = f"-c idle_in_transaction_session_timeout={int(idle_seconds * 1000)}"
            arguments["connect_args"] = {"options": f"{given} {idle}".strip(), "prepare_threshold": PREPARED_FROM}
        self._guard = guard
        self._own: Any = None
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self.engine: AsyncEngine = create_async_engine(self.url, **arguments)
        if self.is_sqlite:
            _tune_sqlite(self.engine.sync_engine)
        else:
            ask_after_idle(self.engine.sync_engine)
        self._trips = trips_of(self.engine, guard)
        self._looks = OnPostgres(self.engine, guard)
        reader = self.engine.execution_options(wfhub_read=True)
        self._write = async_sessionmaker(self.engine, class_=HubSession, expire_on_commit=False, autoflush=False)
        self._read = async_sessionmaker(reader, class_=HubSession, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with self._turn(), self._write() as session:
            self._guard()
            if self.is_sqlite:
                await _take_the_write_lock(session)
            yield session
            self._guard()
            await session.commit()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """SQLite has one writer: those of this program wait in a row, without a connection, and only the first asks."""
        if not self.is_sqlite:
            yield
            return
        turn = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        taken = False
        with suppress(TimeoutError):  # then SQLite is asked all the same, and says what is the matter
            async with asyncio.timeout(BUSY_SECONDS):
                taken = await turn.acquire()
        try:
            yield
        finally:
            if taken:
                turn.release()

    async def transact(self, work: Callable[[Rows], T]) -> T:
        """`write` for plain statements: one transaction around `work`, which may be called again if it could not begin.

        Raises the driver's own errors.
        """
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + BUSY_SECONDS, FIRST_PAUSE
        while True:
            self._guard()
            try:
                if not self.is_sqlite:
                    return await greenlet_spawn(self._transact, work)
                if self._own is None:
                    self._own = await greenlet_spawn(self.engine.sync_engine.raw_connection)
                return self._transact_alone(self._own.driver_connection, work)
            except _Locked as error:
                if loop.time() > until:
                    raise error.cause from error
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _transact(self, work: Callable[[Rows], Any]) -> Any:
        """On the driver's connection: what SQLAlchemy does around a transaction takes as long as the transaction."""
        with closing(self.engine.sync_engine.raw_connection()) as raw:  # which rolls back what is not committed
            done = work(Rows(self.engine.dialect, raw.cursor()))
            self._guard()
            raw.commit()
            return done

    def _transact_alone(self, connection: Any, work: Callable[[Rows], T]) -> T:
        """On SQLite's own connection for it, whose pages stay in memory; it waits for nobody, so nobody shares it."""
        cursor = connection.cursor()
        _begin_alone(cursor)
        try:
            done = work(Rows(self.engine.dialect, cursor))
            self._guard()
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return done

    async def carry(self, make: Callable[[], Steps[T]]) -> T:
        """`transact` for what is said in few trips, on a connection of its own (trips.py). One at a time."""
        return await self._trips.carry(make)

    async def look(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """The rows of one plain SELECT, as tuples. Raises SQLAlchemy's errors, as a session does."""

        with telling(self.engine.dialect):
            if self._own is not None:  # SQLite's; no transaction of it is open while this program goes on here
                return Rows(self.engine.dialect, self._own.driver_connection.cursor()).run(statement, values)
            if self.is_sqlite:
                return await greenlet_spawn(self._ask, statement, values)
            return await self._looks.look(statement, values)

    def _ask(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        with closing(self.engine.sync_engine.raw_connection()) as raw:
            return Rows(self.engine.dialect, raw.cursor()).run(statement, values)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._read() as session:
            yield session

    async def close(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None
        await self._trips.close()
        await self._looks.close()
        await self.engine.dispose()


def _loads(text: str | bytes) -> Any:
    """Several times as fast as the standard library, which is asked where a text is looser than JSON allows."""
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


async def _take_the_write_lock(session: AsyncSession) -> None:
    """Waits for other writers without holding up this program. Raises OperationalError after BUSY_SECONDS."""
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + BUSY_SECONDS, FIRST_PAUSE
    while True:
        try:
            await session.connection()
            return
        except OperationalError as error:
            await session.rollback()
            if "locked" not in str(error.orig) or loop.time() > until:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _tune_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver starts no transaction: _begin does
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={CONNECT_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")  # WAL: safe against a crash of the process, as design asks
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=0")  # see _take_the_write_lock
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("wfhub_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
