"""Runs that were stopped because a budget was used up, and go on when there is more of it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RUN, RequestState, RunState, TaskState, WaitingReason
from services.store.models import Request, Run, Task

REASON = "budget_exceeded"  # of the run, as its agent told it


def waits_for_money() -> sa.ColumnElement[bool]:
    """Whether a run would go on: it was stopped for want of money, and its task, or its request, still waits."""
    poor = (
        Task.id == Run.task_id,
        Task.stage == Run.stage,
        Task.state == TaskState.WAITING,
        Task.waiting_reason == WaitingReason.BUDGET,
        Task.deleted_at.is_(None),
    )
    failed = (Request.run_id == Run.id, Request.state == RequestState.FAILED)
    of_task = sa.select(Task.id).where(*poor).correlate(Run).exists()
    of_request = sa.select(Request.id).where(*failed).correlate(Run).exists()
    return sa.and_(Run.state == RunState.BLOCKED, Run.reason == REASON, sa.or_(of_task, of_request))


async def waiting_for_money(session: AsyncSession, task: Task) -> Run | None:
    """The task's newest run, if that is what waits; else what waits has to begin anew."""
    newest = sa.select(Run).where(Run.task_id == task.id).order_by(Run.queued_at.desc(), Run.id.desc()).limit(1)
    run = await session.scalar(newest)
    if run is None or (run.state, run.reason, run.stage) != (RunState.BLOCKED, REASON, task.stage):
        return None
    return run


def resume(run: Run) -> None:
    """The same run goes on when its turn comes: what it has done stays done, the step that stopped is done again.

    Its model calls up to there are answered from the store, for run, step and words stay the same.
    """
    run.state, run.resumed = RUN.check(RunState(run.state), RunState.QUEUED), run.resumed + 1
    run.owner, run.finished_at, run.result, run.reason, run.summary = None, None, None, "", ""
    steps = {name: _to_do(entry) for name, entry in run.details.get("steps", {}).items()}
    run.details = {**run.details, "steps": steps}


def _to_do(entry: dict[str, Any]) -> dict[str, Any]:
    """What is remembered of a step that is over, as it is; of the one that stopped, what doing it again needs."""
    if entry.get("outcome") == "completed":
        return entry
    kept = {name: entry[name] for name in ("name", "executor", "before", "spec") if name in entry}
    return {**kept, "after_incarnation": entry.get("incarnation", 1)}
