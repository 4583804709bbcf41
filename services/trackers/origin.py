"""Where a task came from, if an import made it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import TrackerProject, TrackerProvider, TrackerTask


@dataclass(frozen=True, slots=True)
class Origin:
    """`title` is the tracker's name, `project` theirs, `mapping_id` the tie it came by. Times are UTC."""

    provider: str
    title: str
    project: str
    external_id: str
    url: str
    mapping_id: int
    imported_at: datetime


async def origin_of(session: AsyncSession, task_id: int) -> Origin | None:
    query = (
        sa.select(TrackerTask, TrackerProject, TrackerProvider.title)
        .join(TrackerProject, TrackerProject.id == TrackerTask.link_id)
        .join(TrackerProvider, TrackerProvider.name == TrackerProject.provider)
        .where(TrackerTask.task_id == task_id)
    )
    found = (await session.execute(query)).first()
    if found is None:
        return None
    task, link, title = found
    return Origin(link.provider, title, link.name, task.external_id, task.url, link.id, task.imported_at)
