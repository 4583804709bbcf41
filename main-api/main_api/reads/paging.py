"""A page of any list: rows in a chosen order, how many there are, and where the next page begins."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar, cast

import sqlalchemy as sa
from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from main_api.errors import documented
from main_api.refusals import CursorRefused
from main_api.schemas.shape import MAX_ID, unkeepable
from services.store.models import Row
from services.store.types import UtcDateTime

R = TypeVar("R", bound=Row)

MAX_LIMIT = 500
USUAL_LIMIT = 100
TOTAL, NEXT = "X-Total-Count", "X-Next-Cursor"


@dataclass(frozen=True)
class Paging:
    """Up to `limit` rows by `sort` (a column; with `-` falling), after the row that `cursor` names."""

    limit: int
    cursor: str | None
    sort: str
    request: Request
    response: Response


def sorted_by(*fields: str, first: str, limit: int = USUAL_LIMIT) -> Callable[..., Paging]:
    """The dependency of a list that sorts by these columns, by `first` when nobody says otherwise.

    Use it as `TaskPage = Annotated[Paging, Depends(sorted_by("id", "priority", first="-id"))]`.
    """
    choices = tuple(sign + field for field in fields for sign in ("", "-"))
    order = cast(Any, Literal)[choices]  # values here, an enum in OpenAPI

    def paging(
        request: Request,
        response: Response,
        sort: Annotated[order, Query(description="A leading `-` sorts falling")] = first,  # type: ignore[valid-type]
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = limit,
        cursor: Annotated[str | None, Query(max_length=2000, description="X-Next-Cursor of the page before")] = None,
    ) -> Paging:
        return Paging(limit, cursor, sort, request, response)

    return paging


def listed(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a list: the errors of a route, 400 for a cursor, and the headers a page has."""
    texts = {
        TOTAL: ("integer", "How many rows there are, on all pages"),
        NEXT: ("string", "Send it as `cursor` for the next page; absent on the last one"),
        "Link": ("string", 'The next page\'s address, rel="next"; absent on the last one'),
    }
    headers = {name: {"schema": {"type": kind}, "description": text} for name, (kind, text) in texts.items()}
    errors = documented(*sorted({400, *statuses}))
    return {200: {"description": "A page of the list", "headers": headers}, **errors}


async def page(session: AsyncSession, query: sa.Select[R], paging: Paging) -> Sequence[R]:
    """The rows of this page; the headers go into the response. `query` selects one kind of row and has no order.

    Pages hang on the last row's value, not on a count: rows that come or go meanwhile shift nothing. Raises
    CursorRefused.
    """
    model: type[R] = query.column_descriptions[0]["entity"]
    column = _column(model, paging.sort.lstrip("-"))
    key = _column(model, sa.inspect(model).primary_key[0].key or "id")
    falling = paging.sort.startswith("-")
    total = await session.scalar(query.with_only_columns(sa.func.count(), maintain_column_froms=True))
    ordered = query.order_by(*_order(column, key, falling)).limit(paging.limit + 1)
    if paging.cursor is not None:
        value, last = _read(paging.cursor, paging.sort, column, key)
        ordered = ordered.where(_after(column, key, falling, value, last))
    found = (await session.scalars(ordered)).all()
    rows = found[: paging.limit]
    paging.response.headers[TOTAL] = str(total)
    if len(found) > len(rows):
        _point_on(paging, _write(paging.sort, getattr(rows[-1], column.key), getattr(rows[-1], key.key)))
    return rows


def _column(model: type[Row], name: str) -> InstrumentedAttribute[Any]:
    return getattr(model, name)


def _order(column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any], falling: bool) -> list[Any]:
    """Rows without a value come last in both directions; the key makes the order total."""
    empty = [column.is_(None)] if _may_be_empty(column) else []
    wanted = [column] if column is key else [column, key]
    return [*empty, *(part.desc() if falling else part for part in wanted)]


def _after(
    column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any], falling: bool, value: Any, last: Any
) -> sa.ColumnElement[bool]:
    beyond = key < last if falling else key > last
    if value is None:
        return column.is_(None) & beyond
    further = column < value if falling else column > value
    later = further | ((column == value) & beyond)
    return later | column.is_(None) if _may_be_empty(column) else later


def _may_be_empty(column: InstrumentedAttribute[Any]) -> bool:
    return bool(column.property.columns[0].nullable)


def _write(sort: str, value: Any, key: Any) -> str:
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort, plain, key]).encode()).decode().rstrip("=")


def _read(
    cursor: str, sort: str, column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any]
) -> tuple[Any, Any]:
    """The value and key of the row the cursor stands on; each must be one that its column could hold."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        of, value, last = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if of != sort:
            raise CursorRefused(f"This cursor belongs to a list sorted by {of}.", "Start again without a cursor.")
        return _fitting(value, column), _fitting(last, key)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CursorRefused(
            "This cursor can't be read.", "Send X-Next-Cursor as it came, or start again without a cursor."
        ) from error


def _fitting(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    wanted = datetime if isinstance(column.type, UtcDateTime) else column.type.python_type
    if value is None:
        if not _may_be_empty(column):
            raise ValueError("this column has no empty values")
        return None
    if wanted is datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        return at.astimezone(UTC)
    if wanted is float and isinstance(value, int):
        value = float(value)
    if type(value) is not wanted or (wanted is int and abs(value) > MAX_ID) or unkeepable(value):
        raise ValueError("no value of this column")
    return value


def _point_on(paging: Paging, cursor: str) -> None:
    paging.response.headers[NEXT] = cursor
    url = paging.request.url.include_query_params(cursor=cursor)
    paging.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
