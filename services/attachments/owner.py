"""What an attachment hangs on: a task, a request, a comment or a bug."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.store.models import Attachment, Bug, Comment, Request, Row, Task

Noun = Literal["task", "request", "comment", "bug"]
_TABLES: dict[str, type[Row]] = {"task": Task, "request": Request, "comment": Comment, "bug": Bug}


@dataclass(frozen=True)
class Owner:
    """The row that a file hangs on. `project_id` is None for a bug of the hub itself."""

    noun: Noun
    id: int
    project_id: int | None = None
    task_id: int | None = None

    def column(self) -> sa.ColumnElement[int]:
        return getattr(Attachment, f"{self.noun}_id")


async def find_owner(session: AsyncSession, noun: Noun, owner_id: int, *, deleted: bool = False) -> Owner:
    """Raises NotFound where there is none and, unless `deleted` ones count, where it or a comment's task is deleted."""
    row = await session.get(_TABLES[noun], owner_id)
    if row is None or not (deleted or getattr(row, "deleted_at", None) is None):
        raise NotFound(f"There is no {noun} with id {owner_id}.")
    if isinstance(row, Comment):
        task = await find_owner(session, "task", row.task_id, deleted=deleted)
        return Owner(noun, owner_id, task.project_id, task.id)
    task_id = owner_id if noun == "task" else getattr(row, "task_id", None)
    return Owner(noun, owner_id, getattr(row, "project_id", None), task_id)
