"""Write down what somebody saw going wrong."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import NotFound
from services.domain.states import BugState
from services.events import log
from services.projects.edit import get_project
from services.store.models import Bug


async def report_bug(
    session: AsyncSession, *, title: str, description: str = "", project_id: int | None = None,
    severity: str = "medium", page: str = "", browser: str = "", details: dict[str, Any] | None = None,
    actor: str = "person",
) -> Bug:  # fmt: skip
    """A new open bug, of a project or (None) of the hub itself. Raises NotFound for an unknown project."""
    if project_id is not None:
        await get_project(session, project_id)
    bug = Bug(
        project_id=project_id, title=title, description=description, severity=severity, state=BugState.OPEN,
        page=page, browser=browser, details=details or {}, created_by=actor,
    )  # fmt: skip
    session.add(bug)
    await session.flush()
    await told(
        session, "bug.reported", bug, actor, title=title, severity=severity, **made(title=title, severity=severity)
    )
    return bug


async def get_bug(session: AsyncSession, bug_id: int, lock: bool = False) -> Bug:
    bug = await session.get(Bug, bug_id, with_for_update=lock or None)
    if bug is None or bug.deleted_at is not None:
        raise NotFound(f"There is no bug with id {bug_id}.", "List them with GET /bugs.")
    return bug


async def told(session: AsyncSession, kind: str, bug: Bug, actor: str, **data: Any) -> None:
    await log.append(session, kind, actor=actor, project_id=bug.project_id, task_id=bug.task_id, bug_id=bug.id, **data)
