"""Which tasks a list is of, and in what order."""

from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.paging import Paging, sorted_by
from main_api.reads.rows import where
from main_api.schemas.shape import Id, Word
from main_api.schemas.task import Kind, Priority
from services.domain.states import TaskState
from services.store.models import Task

SORTS = ("id", "number", "priority", "position", "title", "stage", "state", "created_at", "updated_at")
TaskPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="id"))]
Words = Annotated[str | None, Query(min_length=1, max_length=200, description="In the key or the title")]


@dataclass(frozen=True)
class TaskFilter:
    """What a task has to be. Parameters that may be given several times mean any of their values."""

    plan_id: Id | None = None
    parent_id: Annotated[Id | None, Query(description="The subtasks of this task")] = None
    state: Annotated[list[TaskState] | None, Query()] = None
    stage: Annotated[list[Word] | None, Query()] = None
    role: Annotated[list[Word] | None, Query(description="The role that has the task")] = None
    kind: Annotated[list[Kind] | None, Query()] = None
    priority: Annotated[list[Priority] | None, Query()] = None
    text: Words = None

    def query(self, session: AsyncSession, project_id: int | None) -> sa.Select[Task]:
        wanted: dict[str, Any] = {name: getattr(self, name) for name in ("plan_id", "parent_id", "state", "stage")}
        wanted |= {"project_id": project_id, "assignee_role": self.role, "kind": self.kind, "priority": self.priority}
        query = where(sa.select(Task).where(Task.deleted_at.is_(None)), Task, **wanted)
        if self.text is None:
            return query
        named = Task.find_text.contains(self.text.lower(), autoescape=True)
        if session.get_bind().dialect.name != "sqlite":
            return query.where(named)
        # SQLite finds them in an index that has all it needs, and then looks at these rows alone: the rows are wide
        return query.where(Task.id.in_(sa.select(Task.id).where(Task.deleted_at.is_(None), named)))


Wanted = Annotated[TaskFilter, Depends()]
