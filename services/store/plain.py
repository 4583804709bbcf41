"""Plain statements for what every model call waits for: compiled once, run on the driver's own cursor.

SQLAlchemy's way to run a statement takes ten times as long as SQLite does. Types are bound as the models say, so that
times, secrets and the rest are stored as by everybody else; what comes back is as the driver gives it.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import attributes
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.util import greenlet_spawn

from services.store.types import UtcDateTime

M = TypeVar("M")
Bind = Callable[[Any], Any]
FLOAT8 = 701


@dataclass(frozen=True, slots=True)
class _Compiled:
    """For one kind of database: the text, and for each parameter its name, how its value is bound, and the value that
    it has where none is given. `named`: the text has names, not `?`; `answers`: with rows, be it none."""

    text: str
    parameters: Sequence[tuple[str, Bind | None, Any]]
    named: bool
    answers: bool


class Statement:
    """`columns` are those that an INSERT or UPDATE sets; one that no value is given for gets the model's default.

    Not for IN with a list of values, nor for columns whose default is a function.
    """

    def __init__(self, statement: sa.ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement, self._columns = statement, list(columns)
        self._compiled: dict[str, _Compiled] = {}

    @property
    def target(self) -> tuple[sa.Table, list[str]]:
        """Of an INSERT: where, and the columns it sets."""
        assert isinstance(self._statement, sa.Insert)
        return self._statement.table, self._columns  # pyright: ignore[reportReturnType]  # of a model it is a table

    def on(self, dialect: sa.Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        made: Any = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
        binds = {name: _bind(parameter.type, dialect) for parameter, name in made.bind_names.items()}
        values = dict(made.params)
        if isinstance(self._statement, sa.Insert):
            values |= _defaults(self._statement, {*self._columns, *values})
        names = made.positiontup if made.positional else list(values)
        parameters = [(name, binds.get(name), values.get(name)) for name in names]
        answers = isinstance(self._statement, sa.SelectBase) or "RETURNING" in str(made)
        return _Compiled(str(made), parameters, not made.positional, answers)

    def bound(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> tuple[str, Any]:
        """The text, and what is put into it as the driver takes it."""
        made = self.on(dialect)
        told = [
            values.get(name, usual) if bind is None else bind(values.get(name, usual))
            for name, bind, usual in made.parameters
        ]
        if made.named:
            return made.text, {name: value for (name, _, _), value in zip(made.parameters, told, strict=True)}
        return made.text, tuple(told)

    def run(self, dialect: sa.Dialect, cursor: Any, values: Mapping[str, Any]) -> list[Any]:
        """The rows that it answers, as tuples."""
        cursor.execute(*self.bound(dialect, values))
        return cursor.fetchall() if self.on(dialect).answers else []


def _bind(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Bind | None:
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return _utc_text
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _utc_text(moment: datetime | None) -> str | None:
    """As SQLAlchemy writes a UtcDateTime, in a tenth of the time."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a time without a zone can't be stored")
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat(" ", "microseconds")[:26]


class Rows:
    """A transaction as plain statements see it. `locked` holds the advisory locks that it has taken."""

    def __init__(self, dialect: sa.Dialect, cursor: Any) -> None:
        self._dialect, self._cursor = dialect, cursor
        self._locked: set[int] = set()

    def run(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """The rows that it answers, as tuples."""
        return statement.run(self._dialect, self._cursor, values)

    def lock(self, key: int) -> None:
        """Until the transaction ends, nobody else who asks for the same has it. On SQLite a writer is alone anyway."""
        self.take(key, "SELECT pg_advisory_xact_lock(%s)", (key,))

    def take(self, key: int, text: str, values: Sequence[Any]) -> None:
        """`lock` by a text of PostgreSQL's that does more."""
        if self._dialect.name == "postgresql" and key not in self._locked:
            self._cursor.execute(text, values)
            self._locked.add(key)

    def make(self, loader: "Loader[M]", row: Sequence[Any]) -> "M":
        return loader.make(self._dialect, row)


class Loader(Generic[M]):
    """Makes objects of a model from what a plain SELECT of `columns` answers: for reading, in no session.

    Columns that are deferred in the model are not among them.
    """

    def __init__(self, model: type[M]) -> None:
        mapper: Any = sa.inspect(model)
        told = [attribute for attribute in mapper.column_attrs if not attribute.deferred]
        self.columns: list[Any] = [attribute.columns[0] for attribute in told]
        self._keys = [attribute.key for attribute in told]
        self._new = mapper.class_manager.new_instance
        self._readers: dict[str, list[tuple[int, Bind]]] = {}

    def make(self, dialect: sa.Dialect, row: Sequence[Any]) -> M:
        values = list(row)
        for place, read in self._readers.get(dialect.name) or self._of(dialect):
            values[place] = read(values[place])
        made: Any = self._new()
        attributes.instance_dict(made).update(zip(self._keys, values, strict=True))
        return made

    def _of(self, dialect: sa.Dialect) -> list[tuple[int, Bind]]:
        found = [_reader(column.type, dialect) for column in self.columns]
        self._readers[dialect.name] = [(place, read) for place, read in enumerate(found) if read is not None]
        return self._readers[dialect.name]


def _reader(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Bind | None:
    told: Any = FLOAT8 if isinstance(kind, sa.Float) else None  # psycopg asks for what the server calls the type
    return kind.dialect_impl(dialect).result_processor(dialect, told)


async def run_in(session: AsyncSession, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """The rows that a plain statement answers, as tuples, in the session's transaction. What the session has not
    flushed yet it does not see. Raises SQLAlchemy's errors, as the session does."""
    return await greenlet_spawn(run_on, session.sync_session.connection, statement, values)


def run_on(connect: Callable[[], sa.Connection], statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    connection = connect()
    dialect = connection.dialect
    with telling(dialect):
        return Rows(dialect, connection.connection.cursor()).run(statement, values)


@contextmanager
def telling(dialect: sa.Dialect) -> Generator[None]:
    """Tells the driver's errors as SQLAlchemy does."""
    driver: Any = dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = dialect.is_disconnect(error, None, None)
        raise DBAPIError.instance(
            None, None, error, driver.Error, connection_invalidated=lost, dialect=dialect
        ) from error


class Seconds(FunctionElement[float]):
    """A stored time in seconds since 1970, worked out by the database: for long lists cheaper than a datetime each."""

    inherit_cache = True
    type = sa.Double()


@compiles(Seconds, "sqlite")
def _sqlite(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    return f"((julianday({time}) - 2440587.5) * 86400.0)"


@compiles(Seconds, "postgresql")
def _postgresql(element: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"extract(epoch from {compiler.process(element.clauses, **options)})::float8"


def _defaults(statement: sa.Insert, columns: Collection[str]) -> dict[str, Any]:
    """What the model puts where nothing is told."""
    told: dict[str, Any] = {}
    for column in statement.table.columns:
        if column.key in columns:
            default: Any = column.default
            told[column.key] = default.arg if default is not None and default.is_scalar else None
    return told
