"""Where a task has stood, from the events: each stay at a stage, who brought it there, and its runs."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.task_words import StageVisitOut
from services.domain.states import CLOSED_TASK, TaskState
from services.store.models import Event, Run, Task
from services.store.types import now

SAME_MOMENT = timedelta(seconds=1)  # a move and what it queues are written in one transaction, one after the other
Entry = tuple[str, datetime, str, bool]


async def read_stages(session: AsyncSession, task: Task) -> list[StageVisitOut]:
    """Oldest first; the last one is where it stands. A closed or deleted task stands nowhere since then."""
    moves = sa.select(Event).where(Event.task_id == task.id, Event.kind == "task.stage").order_by(Event.seq)
    events = (await session.scalars(moves)).all()
    runs = (await session.execute(sa.select(Run.stage, Run.queued_at).where(Run.task_id == task.id))).all()
    first = events[0].data["old"] if events else task.stage
    entries: list[Entry] = [(first, task.created_at, task.created_by, False)]
    entries += [(e.data["new"], e.at, e.actor, bool(e.data.get("sent_back"))) for e in events]
    ends: list[datetime | None] = [at for _, at, _, _ in entries[1:]]
    ends.append(_end(task))
    counted = Counter(_visit_of(run.stage, run.queued_at, entries) for run in runs)
    return [
        StageVisitOut(
            stage=stage, entered_at=at, left_at=left, seconds=round(((left or now()) - at).total_seconds(), 3), by=by,
            sent_back=back, runs=counted[number],
        )
        for number, ((stage, at, by, back), left) in enumerate(zip(entries, ends, strict=True))
    ]  # fmt: skip


def _end(task: Task) -> datetime | None:
    closed = task.updated_at if TaskState(task.state) in CLOSED_TASK else None
    return task.deleted_at or closed


def _visit_of(stage: str, queued_at: datetime, entries: list[Entry]) -> int | None:
    """The last stay at the run's stage that had begun when the run was queued."""
    for number in reversed(range(len(entries))):
        if entries[number][0] == stage and entries[number][1] - SAME_MOMENT <= queued_at:
            return number
    return None
