"""Which files whoever works on a request or a task has before them: linked by their rows, never copied."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import Attachment, Plan, Task
from services.store.session import Select

Rows = sa.Select[Attachment]


def of_request(request_id: int) -> Rows:
    """The files on a request, the oldest first."""
    return _there().where(Attachment.request_id == request_id)


def of_task(task_id: int) -> Rows:
    """A task's own files, and those of the request that its plan answers."""
    request = sa.select(Plan.request_id).join(Task, Task.plan_id == Plan.id).where(Task.id == task_id).scalar_subquery()
    return _there().where(sa.or_(Attachment.task_id == task_id, Attachment.request_id == request))


def _of_task(rows: Any) -> Any:
    task = sa.bindparam("task")
    request = sa.select(Plan.request_id).join(Task, Task.plan_id == Plan.id).where(Task.id == task).scalar_subquery()
    there = sa.or_(Attachment.task_id == task, Attachment.request_id == request)
    return rows.where(Attachment.deleted_at.is_(None), there).order_by(Attachment.id)


FILES = Select(Attachment, _of_task)  # of_task, for where it is asked often


async def reachable(session: AsyncSession, task: Task) -> Sequence[Attachment]:
    return await FILES.all(session, task=task.id)


def _there() -> Rows:
    return sa.select(Attachment).where(Attachment.deleted_at.is_(None))
