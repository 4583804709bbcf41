"""The threads of a project, or of all: each with its newest message."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.chat import ThreadOut
from services.domain.states import MessageState
from services.store.models import ChatMessage, Project, Task

BEGINNING = 140  # characters of the newest message


async def read_threads(
    session: AsyncSession, project_id: int | None, before: int | None, limit: int
) -> list[ThreadOut]:
    """The newest first; `before` is the `last` of the page before."""
    counts = (
        sa.select(
            ChatMessage.project_id,
            ChatMessage.task_id,
            sa.func.max(ChatMessage.id).label("last"),
            sa.func.count().label("messages"),
            _in(MessageState.THINKING).label("thinking"),
            _in(MessageState.ASKS).label("asks"),
        )
        .group_by(ChatMessage.project_id, ChatMessage.task_id)
        .subquery()
    )
    query = (
        sa.select(counts, Task.key, Task.title, Project.name, ChatMessage.created_at, ChatMessage.text)
        .join(Project, Project.id == counts.c.project_id)
        .join(ChatMessage, ChatMessage.id == counts.c.last)
        .outerjoin(Task, Task.id == counts.c.task_id)
        .where(Project.deleted_at.is_(None), Task.deleted_at.is_(None))
        .order_by(counts.c.last.desc())
        .limit(limit)
    )
    if project_id is not None:
        query = query.where(counts.c.project_id == project_id)
    if before is not None:
        query = query.where(counts.c.last < before)
    return [
        ThreadOut(
            project_id=row.project_id, task_id=row.task_id, key=row.key, title=row.title or row.name,
            messages=row.messages, last=row.last, last_at=row.created_at, last_text=row.text[:BEGINNING],
            thinking=row.thinking or 0, asks=row.asks or 0,
        )
        for row in await session.execute(query)
    ]  # fmt: skip


def _in(state: MessageState) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((ChatMessage.state == state, 1), else_=0))
