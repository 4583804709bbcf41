"""Give a task up: cancelled or deleted, with its record kept, and nobody left waiting for it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed, gone
from services.domain.errors import Conflict
from services.domain.states import CLOSED_TASK, TaskState, WaitingReason
from services.events import log
from services.store.models import Task, TaskDependency
from services.store.types import now
from services.tasks.errors import TaskBusy
from services.tasks.hold import hold_task
from services.tasks.move import set_state
from services.tasks.restoring import refuse_while_restoring
from services.tasks.stages import finish_plan, has_open_dependencies
from services.tasks.stop import is_carried, live_runs, stop_all


async def cancel_task(session: AsyncSession, task_id: int, *, actor: str, note: str = "") -> Task:
    """Nobody works on it any more; its branch is kept. Said twice, it counts once. A done task stays done."""
    task = await hold_task(session, task_id)
    if task.state == TaskState.CANCELLED:
        return task
    if task.state == TaskState.DONE:
        raise Conflict(f"{task.key} is done.", "Move it to a stage to open it again.")
    await refuse_while_restoring(session, task)
    await stop_all(session, task, actor=actor, why=f"{task.key} was cancelled.")
    await give_up(session, task, "cancelled", actor=actor, note=note)
    return task


async def give_up(session: AsyncSession, task: Task, how: str, *, actor: str, note: str = "") -> None:
    """Cancels the task and lets go of those who wait for it. `how` says it in a word: cancelled, rejected, deleted."""
    await set_state(session, task, TaskState.CANCELLED, actor=actor, sentence=note)
    await _let_go(session, task, how, actor)
    await finish_plan(session, task)


async def delete_task(session: AsyncSession, task_id: int, *, actor: str, force: bool = False) -> None:
    """Hides the task; its runs, proofs and events stay readable. With a live run it wants `force`, which kills it."""
    task = await hold_task(session, task_id)
    await refuse_while_restoring(session, task)
    carried = [run for run in await live_runs(session, task) if is_carried(run)]
    if carried and not force:
        raise TaskBusy(
            f"{task.key} has a live run at {carried[0].stage}.",
            "Wait for it, kill it, or delete with force=true, which kills it.",
            runs=[run.id for run in carried],
        )
    killed = await stop_all(session, task, actor=actor, why=f"{task.key} was deleted.")
    if TaskState(task.state) not in CLOSED_TASK:
        await give_up(session, task, "deleted", actor=actor)
    await _lift_subtasks(session, task)
    task.deleted_at = now()
    task.version += 1
    await log.of_task(
        session, "task.deleted", task, actor=actor, killed=killed, **gone(title=task.title, state=task.state)
    )
    await session.flush()


async def _let_go(session: AsyncSession, task: Task, how: str, actor: str) -> None:
    """Drops what others waited for. Who has nothing left to wait for comes to a person: what it built on is gone."""
    query = sa.select(Task).join(TaskDependency, TaskDependency.task_id == Task.id)
    waiting = (await session.scalars(query.where(TaskDependency.blocked_by_id == task.id).order_by(Task.id))).all()
    await session.execute(sa.delete(TaskDependency).where(TaskDependency.blocked_by_id == task.id))
    for other in waiting:
        await log.of_task(
            session, "task.dependency_dropped", other, actor=actor, blocked_by=task.key, blocked_by_id=task.id, how=how,
            **gone(blocked_by=task.key),
        )  # fmt: skip
        blocked = other.state == TaskState.BLOCKED and other.deleted_at is None
        if blocked and not await has_open_dependencies(session, other):
            sentence = f"It waited for {task.key}, which was {how}. Run it without that, change it, or drop it."
            await set_state(
                session, other, TaskState.WAITING, actor=actor, reason=WaitingReason.TRIGGER, sentence=sentence
            )


async def _lift_subtasks(session: AsyncSession, task: Task) -> None:
    """The subtasks of a deleted task become those of its own parent, or stand alone."""
    query = sa.select(Task).where(Task.parent_id == task.id, Task.deleted_at.is_(None))
    for child in (await session.scalars(query)).all():
        told = {"fields": ["parent_id"], "parent_was": task.key, **changed(parent_id=(task.id, task.parent_id))}
        child.parent_id, child.version = task.parent_id, child.version + 1
        await log.of_task(session, "task.edited", child, actor="hub", **told)
