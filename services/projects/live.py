"""What of a project goes on, and the end of it: before the project goes out of sight."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import LIVE_RUN
from services.projects.errors import ProjectBusy
from services.store.models import Project, Run
from services.tasks.control import kill_run
from services.tasks.stop import is_carried


async def live_runs(session: AsyncSession, project_id: int) -> Sequence[Run]:
    query = sa.select(Run).where(Run.project_id == project_id, Run.state.in_(LIVE_RUN)).order_by(Run.queued_at)
    return (await session.scalars(query)).all()


async def refuse_busy(session: AsyncSession, project: Project, way_out: str) -> Sequence[Run]:
    """Its live runs, when nobody carries one. Raises ProjectBusy naming those that somebody does."""
    live = await live_runs(session, project.id)
    if carried := [run for run in live if is_carried(run)]:
        count = "a live run" if len(carried) == 1 else f"{len(carried)} live runs"
        raise ProjectBusy(f"{project.name} has {count}.", way_out, runs=[run.id for run in carried])
    return live


async def end_runs(session: AsyncSession, project: Project, actor: str, *, force: bool, verb: str) -> list[str]:
    """Kills its live runs, those that somebody carries only with `force`. Answers their ids. Raises ProjectBusy."""
    if force:
        live = await live_runs(session, project.id)
    else:
        way_out = f"Wait for them, kill them, or {verb} with force=true, which kills them."
        live = await refuse_busy(session, project, way_out)
    for run in live:
        await kill_run(session, run.id, actor)
    return [run.id for run in live]
