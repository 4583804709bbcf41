"""Quarters of an hour: every zone's days are made of whole ones, so sums by quarter serve days of any zone."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SECONDS = 900
OF_A_DAY = 96


def quarter_of(moment: datetime) -> int:
    """Quarters of an hour since 1970 that were over at the moment."""
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) // SECONDS


class Quarter(FunctionElement[int]):
    """`quarter_of` a stored time, worked out by the database."""

    inherit_cache = True
    type = sa.BigInteger()


@compiles(Quarter, "sqlite")
def _sqlite(element: Quarter, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    return f"(CAST(strftime('%s', substr({time}, 1, 19)) AS INTEGER) / {SECONDS})"  # else half a millisecond rounds up


@compiles(Quarter, "postgresql")
def _postgresql(element: Quarter, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)}) / {SECONDS}) AS BIGINT)"
