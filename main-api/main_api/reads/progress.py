"""How far a plan is."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.request import PlanProgress, PlanTaskProgress
from services.domain.states import TaskState
from services.store.models import Plan, Task


async def read_progress(session: AsyncSession, plan: Plan) -> PlanProgress:
    query = sa.select(Task).where(Task.plan_id == plan.id, Task.deleted_at.is_(None)).order_by(Task.number)
    tasks = (await session.scalars(query)).all()
    states = Counter(task.state for task in tasks)
    counted = len(tasks) - states[TaskState.CANCELLED]
    return PlanProgress(
        plan_id=plan.id,
        state=plan.state,
        total=len(tasks),
        by_state=dict(states),
        by_stage=dict(Counter(task.stage for task in tasks)),
        share=states[TaskState.DONE] / counted if counted else 0.0,
        tasks=[PlanTaskProgress.model_validate(task) for task in tasks],
    )
