"""Runs in which nothing moved any more: tried again once, then a person looks."""

import sqlalchemy as sa

from services.domain.states import RunState
from services.store.models import Run
from services.workflows.bench import bench
from services.workflows.records import recorded

STALL = "stall"


async def stalled_before(run: Run) -> bool:
    """Whether the run ends in a stall, and the last one of its task at this stage did too."""
    if all(entry.get("reason") != STALL for entry in recorded(run).values()):
        return False
    earlier = (
        sa.select(Run.reason, Run.state)
        .where(Run.task_id == run.task_id, Run.stage == run.stage, Run.round == run.round, Run.id != run.id)
        .where(Run.finished_at.is_not(None))
        .order_by(Run.finished_at.desc())
        .limit(1)
    )
    async with bench().db.read() as session:
        last = (await session.execute(earlier)).one_or_none()
    return last is not None and last.state == RunState.LOST and last.reason == STALL
