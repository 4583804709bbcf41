"""Everything, or a project, stands still: no run of it begins, and those that are under way are stopped."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.pauses import Scope
from services.events import log
from services.pauses.errors import NotPaused
from services.pauses.word import About, Word, already, note_project, tell
from services.projects.edit import get_project, project_at_work
from services.store.models import HubPause
from services.store.types import now

ALL = "Everything"


async def pause_everything(session: AsyncSession, actor: str) -> Word:
    """From this transaction on no run is admitted; its orchestrators make those that live stand still."""
    await log.lock(session)  # admission takes it too: a run is admitted before, and then seen, or not at all
    row = await session.get(HubPause, 1, populate_existing=True)
    if row is not None:
        return already(Scope.EVERYTHING, "", ALL, row.paused_at, row.paused_by, About())
    row = HubPause(id=1, paused_at=now(), paused_by=actor)
    session.add(row)
    await session.flush()
    word = Word(Scope.EVERYTHING, "", ALL, True, True, row.paused_at, actor, "Everything is paused.")
    return await tell(session, word, actor=actor, before={"paused": False}, after={"paused": True})


async def resume_everything(session: AsyncSession, actor: str) -> Word:
    """What was paused by itself stays so. Raises NotPaused."""
    await log.lock(session)
    row = await session.get(HubPause, 1, populate_existing=True)
    if row is None:
        raise NotPaused("Not everything is paused.", "GET /pause tells what is.")
    at, by = row.paused_at, row.paused_by
    await session.delete(row)
    await session.flush()
    word = Word(Scope.EVERYTHING, "", ALL, False, True, at, by, "Everything goes on.")
    return await tell(session, word, actor=actor, before={"paused": True}, after={"paused": False})


async def pause_project(session: AsyncSession, project_id: int, actor: str) -> Word:
    await log.lock(session)
    project = await get_project(session, project_id, lock=True)
    if project.paused:
        about = About(project.id)
        return already(Scope.PROJECT, str(project.id), project.name, project.paused_at, project.paused_by, about)
    project.paused = True
    return await note_project(session, project, actor)


async def resume_project(session: AsyncSession, project_id: int, actor: str) -> Word:
    """What of it was paused by itself stays so. Raises NotPaused, ProjectArchived."""
    await log.lock(session)
    project = await project_at_work(session, project_id, lock=True)
    if not project.paused:
        raise NotPaused(f"{project.name} is not paused.", "GET /pause tells what is.")
    project.paused = False
    return await note_project(session, project, actor)
