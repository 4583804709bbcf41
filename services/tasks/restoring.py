"""While a task's git state is being brought back nothing else begins on it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import Restoration, Task
from services.tasks.errors import TaskBusy

WORDS = {
    "undo_merge": "its merge is being undone",
    "rollback": "it is being rolled back",
    "recover": "its branch is being recovered",
}


async def refuse_while_restoring(session: AsyncSession, task: Task) -> None:
    """Raises TaskBusy. What a crash left half done is finished when main-api is back, within half a minute."""
    query = sa.select(Restoration.kind).where(Restoration.task_id == task.id, Restoration.state == "begun")
    kind = await session.scalar(query.limit(1))
    if kind is not None:
        raise TaskBusy(f"{task.key} has to wait: {WORDS[kind]}.", "Try again in a moment.")
