"""A person's edit of a task's words: what it is about, never where it stands."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.events import log
from services.models.budgets import Defaults
from services.store.models import Task
from services.store.versions import apply_edit
from services.tasks.funds import NONE, go_on
from services.tasks.hold import hold_task
from services.tasks.parents import check_parent

EDITABLE = frozenset(
    {"title", "description", "kind", "priority", "files", "position", "parent_id", "run_budget_usd", "models"}
)


async def edit_task(
    session: AsyncSession, task_id: int, version: int, changes: dict[str, Any], actor: str, budgets: Defaults = NONE
) -> Task:
    """Only what is named changes; `budgets` are the hub's own.

    Raises Conflict, with the current row, when `version` is not the newest.
    """
    if refused := set(changes) - EDITABLE:
        raise InvalidInput(f"A task's {', '.join(sorted(refused))} can't be edited.", "Trigger or move it instead.")
    task = await hold_task(session, task_id)
    if (parent_id := changes.get("parent_id")) is not None:
        await check_parent(session, task.project_id, task, parent_id)
    edit = await apply_edit(session, task, version, changes)
    if (
        "run_budget_usd" in edit.fields
    ):  # what held before may have been its project's: the next call shows whether it fits
        await go_on(session, Task.id == task.id, actor, budgets)
    await log.append(
        session, "task.edited", actor=actor, project_id=task.project_id, task_id=task.id, key=task.key,
        **edit.told,
    )  # fmt: skip
    return task
