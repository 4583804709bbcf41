"""Optimistic locking of what people edit: a change is made to the version that was read, or not at all."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict
from services.store.models.base import Edited
from services.store.types import now


async def apply_edit(session: AsyncSession, row: Edited, version: int, changes: dict[str, Any]) -> list[str]:
    """Sets the fields and counts the version up; answers the names that differ from before.

    The row must be locked (`with_for_update`). Raises Conflict, whose data holds the current row as JSON values.
    """
    if row.version != version:
        raise Conflict(
            "This was changed by somebody else since you read it.",
            "Read it again, look at what changed, and send your change with the new version.",
            current=as_json(row),
        )
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.version = version + 1
        row.updated_at = now()
        await session.flush()
    return changed


def as_json(row: object) -> dict[str, Any]:
    """The row's columns, but those that are only for searching; times as ISO 8601."""
    columns = (column for column in sa.inspect(type(row)).column_attrs if not column.deferred)
    values = {column.key: getattr(row, column.key) for column in columns}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
