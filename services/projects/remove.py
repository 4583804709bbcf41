"""Remove a project: hidden, its live runs killed when asked for, its history and its workspace kept."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone
from services.events import log
from services.projects.edit import get_project
from services.projects.live import end_runs
from services.store.types import now


async def delete_project(session: AsyncSession, project_id: int, actor: str, *, force: bool = False) -> None:
    """Runs that somebody carries want `force`, which kills them. Raises ProjectBusy naming them."""
    await log.lock(session)
    project = await get_project(session, project_id, lock=True)
    killed = await end_runs(session, project, actor, force=force, verb="delete")
    project.deleted_at, project.paused = now(), True
    project.version += 1
    await log.append(
        session, "project.deleted", actor=actor, project_id=project.id, name=project.name, key=project.key,
        killed=killed, **gone(name=project.name, key=project.key),
    )  # fmt: skip
