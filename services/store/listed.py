"""Rows by many ids, sent as one value: a parameter each is slow to write out, and both databases limit how many."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def one_of(column: sa.ColumnElement[Any] | Any, ids: Iterable[int]) -> sa.ColumnElement[bool]:
    """`column IN (ids)`, however many there are; of none it is false."""
    return column.bool_op("IN")(_Listed(sa.literal(",".join(map(str, ids)), sa.Text())))


def one_of_text(column: sa.ColumnElement[Any] | Any, ids: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same for ids in a text like `1,2,3`, which may be a parameter."""
    return column.bool_op("IN")(_Listed(ids))


def one_of_names(column: sa.ColumnElement[Any] | Any, names: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same for names without a comma or a quote, such as the ids of runs: `a,b,c`."""
    return column.bool_op("IN")(_Named(names))


class _Listed(FunctionElement[int]):
    """The numbers of a text like `1,2,3`, as rows."""

    inherit_cache = True


@compiles(_Listed, "sqlite")
def _sqlite(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each('[' || {compiler.process(element.clauses, **options)} || ']'))"


@compiles(_Listed, "postgresql")
def _postgresql(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"(SELECT unnest(CAST(string_to_array({text}, ',') AS BIGINT[])))"


class _Named(FunctionElement[str]):
    """The names of a text like `a,b,c`, as rows."""

    inherit_cache = True


@compiles(_Named, "sqlite")
def _sqlite_names(element: _Named, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"""(SELECT value FROM json_each('["' || replace({text}, ',', '","') || '"]'))"""


@compiles(_Named, "postgresql")
def _postgresql_names(element: _Named, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest(string_to_array({compiler.process(element.clauses, **options)}, ',')))"
