"""Find a task, and hold it while a person's word is carried out."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.events import log
from services.store.models import Task


async def get_task(session: AsyncSession, task_id: int) -> Task:
    """Raises NotFound for a deleted one too; its history stays readable under its id."""
    task = await session.get(Task, task_id)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {task_id}.", "List them with GET /tasks.")
    return task


async def hold_task(session: AsyncSession, task_id: int) -> Task:
    """The task as it stands, which nobody else changes before this transaction ends.

    The events' lock comes before the row's, as everywhere: a settling run takes the two in this order too.
    """
    await log.lock(session)
    task = await get_task(session, task_id)
    await session.refresh(task, with_for_update=True)
    return task
