"""A person's edit of a task's words: what it is about, never where it stands."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput, NotFound
from services.events import log
from services.store.models import Task
from services.store.versions import apply_edit

EDITABLE = frozenset({"title", "description", "kind", "priority", "files", "position"})


async def edit_task(session: AsyncSession, task_id: int, version: int, changes: dict[str, Any], actor: str) -> Task:
    """Only what is named changes. Raises Conflict, with the current row, when `version` is not the newest."""
    if refused := set(changes) - EDITABLE:
        raise InvalidInput(f"A task's {', '.join(sorted(refused))} can't be edited.", "Trigger or move it instead.")
    task = await session.get(Task, task_id, with_for_update=True)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {task_id}.")
    changed = await apply_edit(session, task, version, changes)
    await log.append(
        session, "task.edited", actor=actor, project_id=task.project_id, task_id=task.id, key=task.key, fields=changed
    )
    return task
