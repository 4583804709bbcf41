"""The header's facts: who works, on which model, what it cost today, what waits."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.inbox import all_waiting
from main_api.reads.money import usd
from main_api.schemas.board import ProjectSummary, SummaryOut
from services.domain.states import OPEN_TASK, RunState
from services.models.budgets import Defaults
from services.models.usage import cost_since
from services.store.models import Project, Role, Run, Task
from services.store.types import now

SCRIPTED = "scripted/"


async def read_summary(session: AsyncSession, default_model: str, budgets: Defaults) -> SummaryOut:
    """Of the whole hub: the header stays the same whichever project is looked at."""
    at_work = sa.select(Run.project_id, sa.func.count()).where(Run.state == RunState.RUNNING).group_by(Run.project_id)
    running = {row[0]: row[1] for row in await session.execute(at_work)}
    projects = (await session.scalars(_live_projects())).all()
    live = [project.id for project in projects]
    counted = sa.select(Task.project_id, sa.func.count()).where(
        Task.project_id.in_(live), Task.deleted_at.is_(None), Task.state.in_(OPEN_TASK)
    )
    still_open = {row[0]: row[1] for row in await session.execute(counted.group_by(Task.project_id))}
    inbox = await all_waiting(session, budgets)
    waiting = Counter(item.project_id for item in inbox)
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return SummaryOut(
        working=sum(running.values()),
        model=await _newest_model(session),
        cost_today_usd=usd(await cost_since(session, midnight)),
        waiting=len(inbox),
        scripted_model=await plays_a_script(session, default_model),
        projects=[
            ProjectSummary(
                id=p.id,
                key=p.key,
                name=p.name,
                open=still_open.get(p.id, 0),
                running=running.get(p.id, 0),
                waiting=waiting[p.id],
                paused=p.paused,
            )
            for p in projects
        ],
    )


async def plays_a_script(session: AsyncSession, default_model: str) -> bool:
    """Whether a project, a role or the hub is set to a scripted model: the page says so wherever it may show."""
    chosen = [default_model]
    for settings in await session.scalars(sa.select(Project.settings).where(Project.in_sight())):
        chosen += [str(model) for model in (settings.get("models") or {}).values()]
    chosen += [model or "" for model in await session.scalars(sa.select(Role.model).where(Role.active.is_(True)))]
    return any(model.startswith(SCRIPTED) for model in chosen)


async def _newest_model(session: AsyncSession) -> str | None:
    """Of a running run, else of the last one that used any."""
    query = sa.select(Run.model).where(Run.model.is_not(None))
    running = sa.case((Run.state == RunState.RUNNING, 0), else_=1)
    return await session.scalar(query.order_by(running, Run.queued_at.desc()).limit(1))


def _live_projects() -> sa.Select[Project]:
    return sa.select(Project).where(Project.in_sight()).order_by(Project.id)
