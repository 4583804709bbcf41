"""Archive a project, and bring it back: out of sight it stands still, and nothing of it is lost."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.events import log
from services.projects.edit import get_project
from services.projects.live import end_runs
from services.store.models import Project
from services.store.types import now


async def archive_project(session: AsyncSession, project_id: int, actor: str, *, force: bool = False) -> Project:
    """It is paused too, so nothing of it begins. Said twice, it counts once. Raises ProjectBusy for runs that somebody
    carries, unless `force` kills them."""
    await log.lock(session)
    project = await get_project(session, project_id, lock=True)
    if project.archived_at is not None:
        return project
    killed = await end_runs(session, project, actor, force=force, verb="archive")
    project.archived_at = now()
    if not project.paused:
        project.paused, project.paused_at, project.paused_by = True, project.archived_at, actor
    return await _told(session, project, "project.archived", actor, was=False, killed=killed)


async def unarchive_project(session: AsyncSession, project_id: int, actor: str) -> Project:
    """It comes back paused: its owner looks first, then lets it go on. Said twice, it counts once."""
    await log.lock(session)
    project = await get_project(session, project_id, lock=True)
    if project.archived_at is None:
        return project
    project.archived_at = None
    return await _told(session, project, "project.unarchived", actor, was=True)


async def _told(
    session: AsyncSession, project: Project, kind: str, actor: str, *, was: bool, killed: list[str] | None = None
) -> Project:
    project.version += 1
    await log.append(
        session, kind, actor=actor, project_id=project.id, name=project.name, key=project.key, killed=killed or [],
        **changed(archived=(was, not was)),
    )  # fmt: skip
    await session.flush()
    return project
