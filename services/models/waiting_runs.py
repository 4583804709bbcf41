"""Runs that were stopped because a budget was used up, and go on when there is more of it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RequestState, RunState, TaskState, WaitingReason
from services.store.models import Request, Run, Task

REASON = "budget_exceeded"  # of the run, as its agent told it


def waits_for_money() -> sa.ColumnElement[bool]:
    """Whether a run would go on: it was stopped for want of money, and its task, or its request, still waits."""
    of_task = sa.exists().where(
        Task.id == Run.task_id,
        Task.stage == Run.stage,
        Task.state == TaskState.WAITING,
        Task.waiting_reason == WaitingReason.BUDGET,
        Task.deleted_at.is_(None),
    )
    of_request = sa.exists().where(Request.run_id == Run.id, Request.state == RequestState.FAILED)
    return sa.and_(Run.state == RunState.BLOCKED, Run.reason == REASON, sa.or_(of_task, of_request))


async def waiting_for_money(session: AsyncSession, task: Task) -> Run | None:
    """The task's newest run, if that is what waits; else what waits has to begin anew."""
    newest = sa.select(Run).where(Run.task_id == task.id).order_by(Run.queued_at.desc(), Run.id.desc()).limit(1)
    run = await session.scalar(newest)
    if run is None or (run.state, run.reason, run.stage) != (RunState.BLOCKED, REASON, task.stage):
        return None
    return run
