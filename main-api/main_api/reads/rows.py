"""One row or a clear refusal, and what a list is of."""

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.store.models import Row

R = TypeVar("R", bound=Row)


async def one(session: AsyncSession, model: type[R], key: int | str, noun: str, *, ever: bool = False) -> R:
    """The row with this key. Raises NotFound where there is none, or it was deleted; with `ever`, deleted ones too."""
    row = await session.get(model, key)
    if row is None or (getattr(row, "deleted_at", None) is not None and not ever):
        raise NotFound(f"There is no {noun} with id {key}.", f"List them with GET /{noun}s.")
    return row


def where(query: sa.Select[R], model: type[R], **wanted: Any) -> sa.Select[R]:
    """Equality for each value that is not None; a tuple means any of its values."""
    for name, value in wanted.items():
        column = getattr(model, name)
        if isinstance(value, (tuple, list)):
            query = query.where(column.in_(value)) if value else query
        elif value is not None:
            query = query.where(column == value)
    return query
