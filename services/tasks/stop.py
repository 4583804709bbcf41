"""End what is under way on a task: its live runs, the runs that wait for their turn, and what a person was asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import APPROVAL, LIVE_RUN, RUN, ApprovalState, HandoffState, RunState
from services.events import log
from services.pauses.clock import goes_on
from services.questions.void import void_of_task
from services.store.models import Approval, Handoff, Run, Task
from services.store.types import now


async def stop_run(session: AsyncSession, run: Run, *, actor: str, why: str) -> None:
    """Cancels a live run; its record stays. Where an agent works on it, its orchestrator sees the row and ends that.

    Until then the run is `stopping`, and no other run of the task begins: a worktree has one writer. What the run had
    accepted goes back to whoever comes next.
    """
    was, run.state = run.state, RUN.check(RunState(run.state), RunState.CANCELLED)
    run.finished_at, run.reason, run.summary = now(), "killed", why
    run.paused_at = run.paused_by = None
    goes_on(run)
    run.stopping = run.owner is not None
    taken = (Handoff.to_run_id == run.id) & (Handoff.state == HandoffState.ACCEPTED)
    await session.execute(
        sa.update(Handoff).where(taken).values(state=HandoffState.CREATED, to_run_id=None, accepted_at=None)
    )
    await log.append(
        session, "run.cancelled", actor=actor, project_id=run.project_id, task_id=run.task_id, run_id=run.id,
        stage=run.stage, summary=why, **changed(state=(was, run.state)),
    )  # fmt: skip
    await session.flush()


async def live_runs(session: AsyncSession, task: Task) -> Sequence[Run]:
    """Those that somebody carries, and those that wait for their turn."""
    query = sa.select(Run).where(Run.task_id == task.id, Run.state.in_(LIVE_RUN)).order_by(Run.queued_at)
    return (await session.scalars(query)).all()


def is_carried(run: Run) -> bool:
    """Somebody works on it; else it only waits for its turn."""
    return run.owner is not None or run.state == RunState.RUNNING


async def stop_all(session: AsyncSession, task: Task, *, actor: str, why: str) -> list[str]:
    """Ends every run of the task and voids every open question about it. Answers the ids of the runs."""
    runs = await live_runs(session, task)
    for run in runs:
        await stop_run(session, run, actor=actor, why=why)
    await void_questions(session, task, actor=actor, why=why)
    return [run.id for run in runs]


async def void_questions(session: AsyncSession, task: Task, *, actor: str, why: str) -> None:
    """What a person was asked about the task is asked no more."""
    asked = sa.select(Approval).where(Approval.task_id == task.id, Approval.state == ApprovalState.ASKED)
    for approval in (await session.scalars(asked)).all():
        approval.state = APPROVAL.check(ApprovalState(approval.state), ApprovalState.VOID)
        told = {"approval_id": approval.id, "note": why, **changed(state=(ApprovalState.ASKED, ApprovalState.VOID))}
        await log.of_task(session, "approval.void", task, actor=actor, **told)
    await void_of_task(session, task.id, actor=actor, why=why)
