"""Nothing is ever in nobody's hands: the query that finds a task which no run, queue, task or person has."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.domain.states import CLOSED_TASK, LIVE_RUN, TaskState
from services.store.models import Run, Task, TaskDependency


def is_open(task: type[Task]) -> sa.ColumnElement[bool]:
    """Somebody may still do it: what others wait for must be."""
    return task.state.not_in(CLOSED_TASK) & task.deleted_at.is_(None)


async def orphans(session: AsyncSession) -> Sequence[Task]:
    """Open tasks without an owner: running without a live run, or blocked by nothing that is still open.

    Queued tasks are the scheduler's; idle, waiting and paused ones are a person's.
    """
    live_run = sa.exists().where(Run.id == Task.current_run_id, Run.state.in_(LIVE_RUN))
    other = aliased(Task)
    open_blocker = sa.exists().where(
        TaskDependency.task_id == Task.id, TaskDependency.blocked_by_id == other.id, is_open(other)
    )
    query = sa.select(Task).where(
        Task.deleted_at.is_(None),
        sa.or_(
            sa.and_(Task.state == TaskState.RUNNING, ~live_run),
            sa.and_(Task.state == TaskState.BLOCKED, ~open_blocker),
        ),
    )
    return (await session.scalars(query)).all()
