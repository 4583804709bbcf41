"""Plain statements of a transaction that go to the database together: what nobody waits for, and what is asked at once.

Each way to PostgreSQL and back is waited for; together they are one of them (its pipeline). Their order stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.plain import Statement, run_in, telling

Asked = tuple[Statement, Mapping[str, Any]]
_WAITING, _ROWS = "wfhub_said_later", "wfhub_rows_later"
_texts: dict[Statement, str] = {}


def gather(session: AsyncSession) -> None:
    """From here on what is said with `say` waits for `send`, which has to come before the commit."""
    session.info[_WAITING], session.info[_ROWS] = [], {}


async def say(session: AsyncSession, statement: Statement, values: Mapping[str, Any]) -> None:
    """At once, where nothing is gathered, and in a savepoint, which may be taken back: who begins one sends before."""
    waiting = session.info.get(_WAITING)
    if waiting is None or session.in_nested_transaction():
        await run_in(session, statement, values)
    else:
        waiting.append((statement, values))


async def add(session: AsyncSession, insert: Statement, values: Mapping[str, Any]) -> None:
    """`say` for a row that nobody reads in this transaction: those of a statement go together, with the last `send`."""
    rows = session.info.get(_ROWS)
    if rows is None or session.in_nested_transaction():
        await run_in(session, insert, values)
    else:
        rows.setdefault(insert, []).append(values)


async def ask(session: AsyncSession, *asked: Asked) -> list[list[Any]]:
    """The rows that each of these answers, as tuples, after all that was said before. Raises SQLAlchemy's errors."""
    connection = await session.connection()
    waiting = _taken(session)
    dialect = connection.dialect
    if dialect.name != "postgresql":
        return [await run_in(session, statement, values) for statement, values in (*waiting, *asked)][len(waiting) :]
    raw: Any = (await connection.get_raw_connection()).driver_connection
    with telling(dialect):
        async with raw.pipeline():
            for statement, values in waiting:
                await raw.execute(*statement.bound(dialect, values))
            cursors = [await raw.execute(*statement.bound(dialect, values)) for statement, values in asked]
        return [
            await cursor.fetchall() if statement.on(dialect).answers else []
            for cursor, (statement, _) in zip(cursors, asked, strict=True)
        ]


def _taken(session: AsyncSession) -> list[Asked]:
    waiting = session.info.get(_WAITING)
    if not waiting:
        return []
    session.info[_WAITING] = []
    return waiting


async def send(session: AsyncSession, *, last: bool = False) -> None:
    """Raises SQLAlchemy's errors, as the session does."""
    waiting, rows = _taken(session), session.info.get(_ROWS) or {} if last else {}
    if not (waiting or rows):
        return
    if last:
        session.info[_ROWS] = {}
    connection = await session.connection()
    if connection.dialect.name != "postgresql":
        for statement, values in [*waiting, *((insert, one) for insert, many in rows.items() for one in many)]:
            await run_in(session, statement, values)
        return
    raw: Any = (await connection.get_raw_connection()).driver_connection
    with telling(connection.dialect):
        async with raw.pipeline():
            for statement, values in waiting:
                await raw.execute(*statement.bound(connection.dialect, values))
            for insert, many in rows.items():
                await raw.execute(_text_of(insert, connection.dialect), _columns_of(insert, connection.dialect, many))


def _text_of(insert: Statement, dialect: sa.Dialect) -> str:
    """The same for any number of rows, so that PostgreSQL plans it once: a column's values are one parameter."""
    if insert not in _texts:
        table, names = insert.target
        kinds = [table.c[name].type.compile(dialect) for name in names]
        lists = ", ".join(f"%({name})s::{kind}[]" for name, kind in zip(names, kinds, strict=True))
        _texts[insert] = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({lists})"
    return _texts[insert]


def _columns_of(insert: Statement, dialect: sa.Dialect, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    bound = [insert.bound(dialect, values)[1] for values in rows]
    return {name: [one[name] for one in bound] for name in insert.target[1]}
