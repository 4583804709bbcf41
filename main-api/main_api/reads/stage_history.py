"""Where a task has stood, from the events: each stay at a stage, who brought it there, and its runs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.task_words import StageVisitOut
from services.domain.states import CLOSED_TASK, TaskState
from services.store.models import Event, Run, Task
from services.store.types import now


async def read_stages(session: AsyncSession, task: Task) -> list[StageVisitOut]:
    """Oldest first; the last one is where it stands. A closed or deleted task stands nowhere since then."""
    moves = sa.select(Event).where(Event.task_id == task.id, Event.kind == "task.stage").order_by(Event.seq)
    events = (await session.scalars(moves)).all()
    runs = (await session.execute(sa.select(Run.stage, Run.queued_at).where(Run.task_id == task.id))).all()
    first = events[0].data["old"] if events else task.stage
    entries = [(first, task.created_at, task.created_by, False)]
    entries += [(e.data["new"], e.at, e.actor, bool(e.data.get("sent_back"))) for e in events]
    ends: list[datetime | None] = [at for _, at, _, _ in entries[1:]]
    ends.append(_end(task))
    return [
        StageVisitOut(
            stage=stage, entered_at=at, left_at=left, seconds=round(((left or now()) - at).total_seconds(), 3), by=by,
            sent_back=back, runs=sum(1 for run in runs if run.stage == stage and _within(run.queued_at, at, left)),
        )
        for (stage, at, by, back), left in zip(entries, ends, strict=True)
    ]  # fmt: skip


def _end(task: Task) -> datetime | None:
    closed = task.updated_at if TaskState(task.state) in CLOSED_TASK else None
    return task.deleted_at or closed


def _within(at: datetime, begin: datetime, end: datetime | None) -> bool:
    return begin <= at and (end is None or at < end)
