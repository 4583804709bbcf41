"""Plain statements for what every model call waits for: compiled once, run on the driver's own cursor.

SQLAlchemy's way to run a statement takes ten times as long as SQLite does. Types are bound as the models say, so that
times, secrets and the rest are stored as by everybody else; what comes back is as the driver gives it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Bind = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """For one kind of database. `names` is the order of a text with `?`, None where it has names."""

    text: str
    values: Mapping[str, Any]
    binds: Mapping[str, Bind]
    names: Sequence[str] | None


class Statement:
    """`columns` are those that an INSERT or UPDATE sets; one that no value is given for gets the model's default.

    Not for IN with a list of values, nor for columns whose default is a function.
    """

    def __init__(self, statement: sa.ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement, self._columns = statement, list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def on(self, dialect: sa.Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        made: Any = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
        binds: dict[str, Bind] = {}
        for parameter, name in made.bind_names.items():
            if bind := parameter.type.dialect_impl(dialect).bind_processor(dialect):
                binds[name] = bind
        values = dict(made.params)
        if isinstance(self._statement, sa.Insert):
            values |= _defaults(self._statement, self._columns)
        return _Compiled(str(made), values, binds, made.positiontup if made.positional else None)


class Rows:
    """A transaction as plain statements see it. `locked` holds the advisory locks that it has taken."""

    def __init__(self, dialect: sa.Dialect, cursor: Any) -> None:
        self._dialect, self._cursor = dialect, cursor
        self._locked: set[int] = set()

    def run(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """The rows that it answers, as tuples."""
        made = statement.on(self._dialect)
        bound = {**made.values, **values}
        for name, bind in made.binds.items():
            bound[name] = bind(bound[name])
        cursor = self._cursor
        cursor.execute(made.text, bound if made.names is None else [bound[name] for name in made.names])
        return cursor.fetchall() if cursor.description else []

    def lock(self, key: int) -> None:
        """Until the transaction ends, nobody else who asks for the same has it. On SQLite a writer is alone anyway."""
        if self._dialect.name == "postgresql" and key not in self._locked:
            self._cursor.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
            self._locked.add(key)


def _defaults(statement: sa.Insert, columns: Sequence[str]) -> dict[str, Any]:
    """What the model puts where nothing is told."""
    told: dict[str, Any] = {}
    for column in statement.table.columns:
        if column.key in columns:
            default: Any = column.default
            told[column.key] = default.arg if default is not None and default.is_scalar else None
    return told
