"""How far a plan is."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.request import PlanProgress, PlanTaskProgress
from services.domain.states import TaskState
from services.plans.measured import measured
from services.store.models import Plan, Run, Task
from services.store.types import now


async def read_progress(session: AsyncSession, plan: Plan) -> PlanProgress:
    query = sa.select(Task).where(Task.plan_id == plan.id, Task.deleted_at.is_(None)).order_by(Task.number)
    tasks = (await session.scalars(query)).all()
    states = Counter(task.state for task in tasks)
    counted = len(tasks) - states[TaskState.CANCELLED]
    share = states[TaskState.DONE] / counted if counted else 0.0
    seconds, tokens, cost = await _spent(session, plan)
    sizes = [task.get("size", "M") for task in plan.body.get("tasks", [])]
    expected = await measured(session, plan.project_id, sizes)
    return PlanProgress(
        plan_id=plan.id,
        state=plan.state,
        total=len(tasks),
        by_state=dict(states),
        by_stage=dict(Counter(task.stage for task in tasks)),
        share=share,
        estimated_minutes=plan.body.get("estimated_minutes"),
        minutes_measured=expected.minutes if expected else None,
        cost_estimated=expected.cost if expected else None,
        minutes_left=_minutes_left(plan, share),
        seconds_worked=seconds,
        tokens=tokens,
        cost=cost,
        tasks=[PlanTaskProgress.model_validate(task) for task in tasks],
    )


def _minutes_left(plan: Plan, share: float) -> float | None:
    if plan.decided_at is None or not 0 < share < 1:
        return None
    minutes = (now() - plan.decided_at).total_seconds() / 60
    return round(minutes * (1 - share) / share, 1)


async def _spent(session: AsyncSession, plan: Plan) -> tuple[float, int, float]:
    """Seconds, tokens and US dollars of the runs on its tasks and of the one that drafted it."""
    of_tasks = sa.select(Task.id).where(Task.plan_id == plan.id)
    query = sa.select(Run.started_at, Run.finished_at, Run.tokens_in + Run.tokens_out, Run.cost).where(
        sa.or_(Run.task_id.in_(of_tasks), Run.id == plan.run_id)
    )
    seconds, tokens, cost = 0.0, 0, 0.0
    for started, finished, used, paid in await session.execute(query):
        if started is not None:
            seconds += max(0.0, ((finished or now()) - started).total_seconds())
        tokens, cost = tokens + used, cost + paid
    return round(seconds, 1), tokens, cost
