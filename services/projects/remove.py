"""Remove a project: hidden, its live runs killed when asked for, its history and its workspace kept."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import gone
from services.domain.states import LIVE_RUN
from services.events import log
from services.projects.edit import get_project
from services.projects.errors import ProjectBusy
from services.store.models import Run
from services.store.types import now
from services.tasks.control import kill_run
from services.tasks.stop import is_carried


async def delete_project(session: AsyncSession, project_id: int, actor: str, *, force: bool = False) -> None:
    """Runs that somebody carries want `force`, which kills them. Raises ProjectBusy naming them."""
    await log.lock(session)
    project = await get_project(session, project_id, lock=True)
    query = sa.select(Run).where(Run.project_id == project.id, Run.state.in_(LIVE_RUN)).order_by(Run.queued_at)
    live = (await session.scalars(query)).all()
    carried = [run for run in live if is_carried(run)]
    if carried and not force:
        raise ProjectBusy(
            f"{project.name} has {len(carried)} live run(s).",
            "Wait for them, kill them, or delete with force=true, which kills them.",
            runs=[run.id for run in carried],
        )
    for run in live:
        await kill_run(session, run.id, actor)
    project.deleted_at, project.paused = now(), True
    project.version += 1
    await log.append(
        session, "project.deleted", actor=actor, project_id=project.id, name=project.name, key=project.key,
        killed=[run.id for run in live], **gone(name=project.name, key=project.key),
    )  # fmt: skip
