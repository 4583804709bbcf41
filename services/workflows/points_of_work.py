"""What a run decided and what it leaves open: its own notes, findings that stand, criteria that are not met."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import FindingState
from services.store.models import Criterion, Finding, Run, Task, TaskNote
from services.store.plain import Statement, run_in
from services.store.session import lacks

MOST = 20  # of each: the rows themselves stay
CHARACTERS = 300

_NOTED = sa.select(TaskNote.kind, TaskNote.text).where(
    TaskNote.run_id == sa.bindparam("run"), sa.or_(TaskNote.kind == "decision", TaskNote.kind == "open")
)
_FOUND = sa.select(sa.literal("open"), sa.literal("Finding: ") + Finding.title).where(
    Finding.task_id == sa.bindparam("task"), Finding.state == FindingState.OPEN.value
)
_UNMET = sa.select(sa.literal("open"), sa.literal("Not met: ") + Criterion.text).where(
    Criterion.task_id == sa.bindparam("task"), Criterion.met.is_(sa.false())
)
_POINTS = Statement(sa.union_all(_NOTED, _FOUND, _UNMET))


async def points_of_work(session: AsyncSession, run: Run, task: Task) -> dict[str, list[str]]:
    """`decisions` and `open_points` for the run's handoff, in sentences. The session's changes are flushed first."""
    if lacks(session, "points", task.id):
        return {"decisions": [], "open_points": []}
    await session.flush()
    rows: list[Any] = await run_in(session, _POINTS, {"run": run.id, "task": task.id})
    points: dict[str, list[str]] = {"decisions": [], "open_points": []}
    for kind, text in rows:
        points["decisions" if kind == "decision" else "open_points"].append(text[:CHARACTERS])
    return {name: said[:MOST] for name, said in points.items()}
