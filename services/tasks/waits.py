"""Keeps `waits` up with the states of tasks: written by the one place that changes them, with its event's time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import TaskState
from services.store.models import Event, Task, Wait
from services.store.types import BigId

_KINDS = tuple(f"task.{state}" for state in TaskState)
_WAITING = f"task.{TaskState.WAITING}"
_COLUMNS = ("project_id", "task_id", "stage", "reason", "began_at", "ended_at")


async def end_wait(session: AsyncSession, task: Task, at: datetime) -> None:
    mine = sa.update(Wait).where(Wait.task_id == task.id, Wait.ended_at.is_(None))
    await session.execute(mine.values(ended_at=at), execution_options={"synchronize_session": False})


async def begin_wait(session: AsyncSession, task: Task, reason: str, at: datetime) -> None:
    wait = {"project_id": task.project_id, "task_id": task.id, "stage": task.stage, "reason": reason, "began_at": at}
    await session.execute(sa.insert(Wait).values(wait))


def all_waits() -> sa.Insert:
    """Every row of `waits` there has to be, out of the events. Waiting again for the same reason goes on."""
    reason, stage = (sa.func.coalesce(Event.data[name].as_string(), "") for name in ("reason", "stage"))
    told = (
        sa.select(
            Event.seq, Event.project_id, Event.task_id, stage.label("stage"), reason.label("reason"), Event.at,
            Event.kind,
        )
        .where(Event.task_id.is_not(None), Event.kind.in_(_KINDS))
        .cte("told")
    )  # fmt: skip
    before = sa.select(
        told,
        sa.func.coalesce(_before(told, "kind"), "").label("kind_before"),
        _before(told, "reason").label("reason_before"),
    ).cte("before")
    goes_on = sa.and_(
        before.c.kind == _WAITING, before.c.kind_before == _WAITING, before.c.reason_before == before.c.reason
    )
    until = sa.func.lead(before.c.at).over(partition_by=before.c.task_id, order_by=before.c.seq)
    changes = sa.select(before, until.label("until")).where(~goes_on).cte("changes")
    found = (
        sa.select(*(changes.c[name] for name in ("project_id", "task_id", "stage", "reason", "at", "until")))
        .where(changes.c.kind == _WAITING)
        .order_by(sa.cast(changes.c.seq, BigId))
    )
    return sa.insert(Wait).from_select(_COLUMNS, found, include_defaults=False)


def _before(told: sa.CTE, name: str) -> sa.Over[str]:
    """What the task's state change before this one said."""
    return sa.func.lag(told.c[name]).over(partition_by=told.c.task_id, order_by=told.c.seq)
