"""Nothing is ever in nobody's hands: the query that finds a task which no run, queue, task or person has."""

from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.domain.states import CLOSED_TASK, LIVE_RUN, RUN, RunState, TaskState
from services.events import log as events
from services.store.models import Run, Task, TaskDependency
from services.store.types import now
from services.tasks.move import set_state

log = structlog.get_logger()


def is_open(task: type[Task]) -> sa.ColumnElement[bool]:
    """Somebody may still do it: what others wait for must be."""
    return task.state.not_in(CLOSED_TASK) & task.deleted_at.is_(None)


async def orphans(session: AsyncSession) -> Sequence[Task]:
    """Open tasks without an owner: running without a live run, or blocked by nothing that is still open.

    Queued tasks are the scheduler's; idle, waiting and paused ones are a person's.
    """
    return (await session.scalars(sa.select(Task).where(*_in_nobodys_hands()))).all()


async def orphan_keys(session: AsyncSession, *among: sa.ColumnElement[bool]) -> list[str]:
    """The keys of those that these conditions hold of, in their order."""
    query = sa.select(Task.key).where(*_in_nobodys_hands(), *among).order_by(Task.id)
    return list(await session.scalars(query))


def _in_nobodys_hands() -> list[sa.ColumnElement[bool]]:
    live_run = sa.exists().where(Run.id == Task.current_run_id, Run.state.in_(LIVE_RUN))
    other = aliased(Task)
    open_blocker = sa.exists().where(
        TaskDependency.task_id == Task.id, TaskDependency.blocked_by_id == other.id, is_open(other)
    )
    return [
        Task.deleted_at.is_(None),
        Task.state.in_((TaskState.RUNNING, TaskState.BLOCKED)),
        sa.or_(
            sa.and_(Task.state == TaskState.RUNNING, ~live_run),
            sa.and_(Task.state == TaskState.BLOCKED, ~open_blocker),
        ),
    ]


async def repair(session: AsyncSession) -> list[str]:
    """Queues what nobody has, and tells of each in an event and in the log what it was found as. Answers their keys."""
    repaired: list[str] = []
    for task in await orphans(session):
        found = (
            f"was running, and its run {task.current_run_id or 'was not known'} is over or gone"
            if task.state == TaskState.RUNNING
            else "was blocked, and waits for nothing that is open"
        )
        log.warning("task.orphan", task=task.key, state=task.state, run=task.current_run_id, found=found)
        await events.of_task(
            session, "task.repaired", task, actor="hub", state=task.state, found=f"{task.key} {found}."
        )
        await set_state(session, task, TaskState.QUEUED, actor="hub")
        repaired.append(task.key)
    return repaired


async def stray_runs(session: AsyncSession) -> Sequence[Run]:
    """Live runs that an orchestrator has and their task has not: they would take a place for ever."""
    query = sa.select(Run).join(Task, Task.id == Run.task_id)
    other = sa.or_(Task.current_run_id.is_(None), Task.current_run_id != Run.id)
    return (await session.scalars(query.where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None), other))).all()


async def close_strays(session: AsyncSession) -> list[str]:
    """Ends them as lost, and lets their orchestrator end what an agent still does. Answers their ids."""
    closed: list[str] = []
    for run in await stray_runs(session):
        run.state, run.finished_at = RUN.check(RunState(run.state), RunState.LOST), now()
        run.reason, run.summary, run.stopping = "stray", "Its task went on without it.", True
        log.warning("run.stray", run_id=run.id, task_id=run.task_id)
        await events.of_run(session, "run.lost", run, summary=run.summary)
        closed.append(run.id)
    await session.flush()
    return closed
