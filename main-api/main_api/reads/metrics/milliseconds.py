"""The time between two stored times, and medians and 95th percentiles of it by group, worked out by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from services.store.types import BigId

PERCENTS = (50, 95)
TOGETHER = 50  # groups of one statement: SQLite takes 500 SELECTs in one


class Milliseconds(FunctionElement[int]):
    """From the first of two times to the second, less the seconds that are the third; never less than none."""

    inherit_cache = True
    type = sa.BigInteger()


@compiles(Milliseconds, "sqlite")
def _sqlite(element: Milliseconds, compiler: SQLCompiler, **options: Any) -> str:
    first, second, rest = (compiler.process(part, **options) for part in element.clauses)
    days = f"(julianday({second}) - julianday({first}))"
    return f"max(0, CAST(round({days} * 86400000.0 - ({rest}) * 1000.0) AS INTEGER))"


@compiles(Milliseconds, "postgresql")
def _postgresql(element: Milliseconds, compiler: SQLCompiler, **options: Any) -> str:
    first, second, rest = (compiler.process(part, **options) for part in element.clauses)
    seconds = f"CAST(extract(epoch FROM {second} - {first}) AS FLOAT8)"
    return f"greatest(0, CAST(round({seconds} * 1000.0 - ({rest}) * 1000.0) AS BIGINT))"


@dataclass(frozen=True, slots=True)
class Times:
    """Of one group. In milliseconds; a percentile is the smallest time that so many of them do not exceed."""

    group: str
    count: int
    total: int
    median: int
    p95: int


async def times_by(
    session: AsyncSession, group: Any, value: Any, where: Sequence[sa.ColumnElement[bool]]
) -> list[Times]:
    """By group, which is a text, in its order."""
    counted = sa.select(group, sa.func.count(), sa.func.sum(value)).where(*where).group_by(group).order_by(group)
    if session.get_bind().dialect.name == "postgresql":
        shares = array([sa.literal_column(str(percent / 100), sa.Double()) for percent in PERCENTS])
        both = counted.add_columns(sa.func.percentile_disc(shares).within_group(value))
        return [Times(name, n, int(total), *found) for name, n, total, found in await session.execute(both)]
    groups = [(name, n, int(total)) for name, n, total in await session.execute(counted)]
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(groups), TOGETHER):
        found |= await _ranked(session, group, value, where, groups[start : start + TOGETHER])
    return [Times(name, n, total, *(found[name, percent] for percent in PERCENTS)) for name, n, total in groups]


async def _ranked(
    session: AsyncSession, group: Any, value: Any, where: Sequence[sa.ColumnElement[bool]], groups: Any
) -> dict[tuple[str, int], int]:
    """SQLite has no percentiles, and its window functions take three times as long as to sort each group once and skip.

    The limit of -1, which is none, keeps it from leaving the sorting out.
    """
    places: list[Any] = []
    for number, (name, count, _) in enumerate(groups):
        sorted_ = sa.select(value.label("value")).where(*where, group == name).order_by(value).limit(-1)
        kept = sorted_.cte(f"of_group_{number}")
        for percent in PERCENTS:
            rank = -(-count * percent // 100)
            one = sa.select(kept.c.value).limit(1).offset(rank - 1).subquery()
            told = (sa.literal(name, sa.Text()), sa.literal(percent, BigId))
            places.append(sa.select(*told, one.c.value))
    rows: Any = await session.execute(sa.union_all(*places))
    return {(name, percent): milliseconds for name, percent, milliseconds in rows}
