"""What a plan will take, by what the project's own done tasks took."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import TaskState
from services.plans.drafts import PlanDraft
from services.store.models import Run, Task

WEIGHT = {"S": 1.0, "M": 2.0, "L": 4.0}  # of a task's work, where no task of its size was done yet
LOOKED_AT = 50  # the newest done tasks


@dataclass(frozen=True)
class Measured:
    """What the tasks of a plan take together: minutes of agents' work, at least 1, and US dollars."""

    minutes: int
    cost: float


async def measured(session: AsyncSession, project_id: int, sizes: Sequence[str]) -> Measured | None:
    """For tasks of these sizes; None where nothing of the project is done yet.

    A task takes the median of the done ones of its size; of a size that has none, the median of all by weight.
    """
    done = await _done(session, project_id)
    if not done:
        return None
    seconds, cost = (_sum_of(sizes, [(size, facts[at]) for size, *facts in done]) for at in (0, 1))
    return Measured(max(1, round(seconds / 60)), round(cost, 4))


async def measured_minutes(session: AsyncSession, project_id: int, plan: PlanDraft) -> int | None:
    found = await measured(session, project_id, [task.size for task in plan.tasks])
    return found.minutes if found else None


def _sum_of(sizes: Sequence[str], done: Sequence[tuple[str, float]]) -> float:
    unit = median(value / WEIGHT[size] for size, value in done)
    by_size = {size: [value for one, value in done if one == size] for size in WEIGHT}
    return sum(median(by_size[size]) if by_size[size] else unit * WEIGHT[size] for size in map(_known, sizes))


def _known(size: str) -> str:
    return size if size in WEIGHT else "M"


async def _done(session: AsyncSession, project_id: int) -> list[tuple[str, float, float]]:
    """Of each done task its size, and how many seconds and US dollars its runs took together."""
    tasks = sa.select(Task.id, Task.size).where(Task.project_id == project_id, Task.state == TaskState.DONE)
    sizes = {row[0]: row[1] for row in await session.execute(tasks.order_by(Task.id.desc()).limit(LOOKED_AT))}
    runs = sa.select(Run.task_id, Run.started_at, Run.finished_at, Run.cost).where(Run.task_id.in_(sizes))
    took: dict[int, tuple[float, float]] = {}
    for row in await session.execute(runs):
        task_id, started, finished, cost = row[0] or 0, row[1], row[2], row[3]
        if started is not None and finished is not None:
            seconds, paid = took.get(task_id, (0.0, 0.0))
            took[task_id] = seconds + max(0.0, (finished - started).total_seconds()), paid + cost
    return [(_known(sizes[task_id]), seconds, paid) for task_id, (seconds, paid) in took.items()]
