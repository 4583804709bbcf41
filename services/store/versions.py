"""Optimistic locking of what people edit: a change is made to the version that was read, or not at all."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between
from services.domain.errors import Conflict
from services.store.models.base import Edited
from services.store.types import now


@dataclass(frozen=True)
class Edit:
    """What an edit changed: the names of the fields, and their values before and after as an event tells them."""

    fields: list[str]
    values: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.fields)

    def also(self, field: str, before: Any, after: Any) -> "Edit":
        """With a field that was changed beside them."""
        values = {"before": {**self.values["before"], field: before}, "after": {**self.values["after"], field: after}}
        return Edit([*self.fields, field], values)

    @property
    def told(self) -> dict[str, Any]:
        return {"fields": self.fields, **self.values}


async def apply_edit(session: AsyncSession, row: Edited, version: int, changes: dict[str, Any]) -> Edit:
    """Sets the fields and counts the version up; answers what differs from before.

    The row must be locked (`with_for_update`). Raises Conflict, whose data holds the current row as JSON values.
    """
    if row.version != version:
        raise Conflict(
            "This was changed by somebody else since you read it.",
            "Read it again, look at what changed, and send your change with the new version.",
            current=as_json(row),
        )
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    before = {name: getattr(row, name) for name in changed}
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.version = version + 1
        row.updated_at = now()
        await session.flush()
    return Edit(changed, between(before, {name: changes[name] for name in changed}))


def as_json(row: object) -> dict[str, Any]:
    """The row's columns, but those that are only for searching; times as ISO 8601."""
    columns = (column for column in sa.inspect(type(row)).column_attrs if not column.deferred)
    values = {column.key: getattr(row, column.key) for column in columns}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
