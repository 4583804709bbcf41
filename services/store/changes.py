"""What changed of a session's rows, said by plain statements: its own flush takes several times as long."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from services.store.later import say
from services.store.models import Run, Task
from services.store.plain import Statement

_UNKNOWN = object()


class _Writer:
    """Of one model: an UPDATE for each set of columns, compiled once. `leave` are columns whose change something else
    in SQLAlchemy's flush waits for: a row where one of them changed is left to it."""

    def __init__(self, model: type[Any], leave: Sequence[str] = ()) -> None:
        mapper: Any = sa.inspect(model)
        self._table = mapper.local_table
        self.columns = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
        self.leave = frozenset(leave)
        self._by_itself = {
            name: column.onupdate for name, column in self.columns.items() if column.onupdate is not None
        }
        self._statements: dict[tuple[str, ...], Statement] = {}
        self._inserts: dict[tuple[str, ...], Statement] = {}

    def values(self, row: Any, state: InstanceState[Any]) -> dict[str, Any]:
        """What is another than it was; and what then changes by itself, as the model says."""
        was = state.committed_state
        now = {
            name: getattr(row, name)
            for name in was
            if name in self.columns and was.get(name, _UNKNOWN) != getattr(row, name)
        }
        if now:
            now |= {name: made.arg(None) for name, made in self._by_itself.items() if name not in now}
        return now

    def complete(self, row: Any) -> dict[str, Any]:
        """Of a new row what it has, and what the model puts where nothing was said. The row has all of it then."""
        told = {name: row.__dict__[name] for name in self.columns if name in row.__dict__}
        for name, column in self.columns.items():
            if name not in told:
                default: Any = column.default
                value = None if default is None else default.arg(None) if default.is_callable else default.arg
                set_committed_value(row, name, value)
                if default is not None:
                    told[name] = value
        return told

    def insert(self, names: tuple[str, ...]) -> Statement:
        if names not in self._inserts:
            self._inserts[names] = Statement(sa.insert(self._table), names)
        return self._inserts[names]

    def update(self, names: tuple[str, ...]) -> Statement:
        if names not in self._statements:
            update = sa.update(self._table).where(self._table.c.id == sa.bindparam("row_key"))
            self._statements[names] = Statement(update, names)
        return self._statements[names]


_WRITERS = {Run: _Writer(Run), Task: _Writer(Task, leave=("key", "title"))}  # the text that is looked through follows


async def say_new(session: AsyncSession, row: Run) -> None:
    """Of a run that no session knows yet; from here on this one takes it for written. Who flushes rows that point at
    it sends before."""
    writer = _WRITERS[type(row)]
    told = writer.complete(row)
    await say(session, writer.insert(tuple(sorted(told))), told)
    make_transient_to_detached(row)
    session.add(row)


async def say_changes(session: AsyncSession) -> None:
    """Of runs and tasks, to be sent with what else is said; from here on the session takes them for written."""
    plain = session.sync_session
    for row in list(plain.dirty):
        writer = _WRITERS.get(type(row))
        if writer is None:
            continue
        state: InstanceState[Any] = sa.inspect(row)
        values = writer.values(row, state)
        if writer.leave.intersection(values):
            continue
        if values:
            await say(session, writer.update(tuple(sorted(values))), {**values, "row_key": row.id})
        # What a flush does at its end; there is no public name for it.
        state._commit_all(state.dict, plain.identity_map)  # pyright: ignore[reportPrivateUsage]
