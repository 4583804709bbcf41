"""Change, settle or remove a bug."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.bugs.report import get_bug, told
from services.domain.changes import gone
from services.domain.errors import InvalidInput
from services.domain.states import BUG, BugState
from services.projects.edit import get_project
from services.store.models import Bug
from services.store.types import now
from services.store.versions import apply_edit

EDITABLE = frozenset({"title", "description", "severity", "state", "project_id"})


async def edit_bug(session: AsyncSession, bug_id: int, version: int, changes: dict[str, Any], actor: str) -> Bug:
    """Only what is named changes. Raises Conflict for a stale version, IllegalMove for a state it can't go to."""
    if refused := set(changes) - EDITABLE:
        raise InvalidInput(f"A bug's {', '.join(sorted(refused))} can't be changed.")
    bug = await get_bug(session, bug_id, lock=True)
    if changes.get("project_id") is not None:
        await get_project(session, changes["project_id"])
    if changes.get("project_id", bug.project_id) != bug.project_id and (bug.task_id or bug.request_id):
        raise InvalidInput("A bug that became a task or a request stays in its project.", "Report it anew there.")
    wanted = changes.get("state", bug.state)
    if bug.version == version and wanted != bug.state:
        BUG.check(BugState(bug.state), BugState(wanted))
    edit = await apply_edit(session, bug, version, changes)
    await told(session, "bug.edited", bug, actor, **edit.told, state=bug.state)
    return bug


async def remove_bug(session: AsyncSession, bug_id: int, actor: str) -> None:
    """Hides it; a task or a request made of it stays."""
    bug = await get_bug(session, bug_id, lock=True)
    bug.deleted_at = now()
    bug.version += 1
    await told(session, "bug.removed", bug, actor, title=bug.title, **gone(title=bug.title, state=bug.state))
