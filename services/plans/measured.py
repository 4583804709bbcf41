"""What a plan will take, by what the project's own done tasks took."""

from statistics import median

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import TaskState
from services.plans.drafts import PlanDraft
from services.store.models import Run, Task

WEIGHT = {"S": 1.0, "M": 2.0, "L": 4.0}  # of a task's work, where no task of its size was done yet
LOOKED_AT = 50  # the newest done tasks


async def measured_minutes(session: AsyncSession, project_id: int, plan: PlanDraft) -> int | None:
    """Minutes of agents' work on all tasks of the plan together, at least 1; None where nothing is done yet.

    A task takes the median of the done ones of its size; of a size that has none, the median of all by weight.
    """
    seconds = await _seconds_by_size(session, project_id)
    if not seconds:
        return None
    unit = median(took / WEIGHT[size] for size, times in seconds.items() for took in times)
    of_size = {size: median(seconds[size]) if size in seconds else unit * WEIGHT[size] for size in WEIGHT}
    return max(1, round(sum(of_size[task.size] for task in plan.tasks) / 60))


async def _seconds_by_size(session: AsyncSession, project_id: int) -> dict[str, list[float]]:
    """How long the runs of each done task worked together, by the task's size."""
    done = sa.select(Task.id, Task.size).where(Task.project_id == project_id, Task.state == TaskState.DONE)
    sizes = {row[0]: row[1] for row in await session.execute(done.order_by(Task.id.desc()).limit(LOOKED_AT))}
    runs = sa.select(Run.task_id, Run.started_at, Run.finished_at).where(Run.task_id.in_(sizes))
    worked: dict[int, float] = {}
    for row in await session.execute(runs):
        task_id, started, finished = row[0] or 0, row[1], row[2]
        if started is None or finished is None:
            continue
        worked[task_id] = worked.get(task_id, 0.0) + max(0.0, (finished - started).total_seconds())
    by_size: dict[str, list[float]] = {}
    for task_id, seconds in worked.items():
        by_size.setdefault(sizes[task_id] if sizes[task_id] in WEIGHT else "M", []).append(seconds)
    return by_size
