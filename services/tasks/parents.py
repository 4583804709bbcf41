"""Subtasks: a task may belong to another of its project, and never to itself by a detour."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.store.models import Task
from services.tasks.errors import ParentCycle


async def check_parent(session: AsyncSession, project_id: int, task: Task | None, parent_id: int) -> None:
    """Raises NotFound for a parent the project does not have, ParentCycle with the path where it would close a ring."""
    parent = await session.get(Task, parent_id)
    if parent is None or parent.deleted_at is not None or parent.project_id != project_id:
        raise NotFound(f"The project has no task with id {parent_id} to be the parent.", "List them with GET /tasks.")
    if task is None:
        return
    path, above = [task.key], parent
    while above.id != task.id:
        path.append(above.key)
        if above.parent_id is None:
            return
        above = await session.get_one(Task, above.parent_id)
    path.append(task.key)
    raise ParentCycle(
        f"{task.key} would be its own subtask: {' → '.join(path)}.", "Choose a parent outside of it.", path=path
    )
