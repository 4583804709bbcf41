"""How every budget stands. The number of queries does not grow with the projects."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.budget import BudgetOut, BudgetsOut, ProjectBudgetOut
from services.models.budgets import Defaults, Standing, day_limit, of_today, standing, today
from services.store.models import ModelCall, Project


async def read_budgets(session: AsyncSession, defaults: Defaults) -> BudgetsOut:
    day = await standing(session, await day_limit(session, defaults), of_today())
    under_way = ModelCall.outcome == "open"
    sums = (
        sa.select(
            ModelCall.project_id,
            sa.func.sum(sa.case((under_way, 0.0), else_=ModelCall.cost)).label("spent"),
            sa.func.sum(sa.case((under_way, ModelCall.reserved_cost), else_=0.0)).label("held"),
        )
        .group_by(ModelCall.project_id)
        .subquery()
    )
    query = (
        sa.select(Project, sums.c.spent, sums.c.held)
        .outerjoin(sums, sums.c.project_id == Project.id)
        .where(Project.deleted_at.is_(None))
        .order_by(Project.id)
    )
    return BudgetsOut(
        day=today().isoformat(),
        today=BudgetOut.model_validate(_told(day)),
        run_limit_usd=defaults.run_usd,
        projects=[
            ProjectBudgetOut.model_validate(
                _told(Standing(project.budget_usd, spent or 0.0, held or 0.0))
                | {
                    "project_id": project.id,
                    "run_limit_usd": defaults.run_usd if project.run_budget_usd is None else project.run_budget_usd,
                }
            )
            for project, spent, held in await session.execute(query)
        ],
    )


def _told(found: Standing) -> dict[str, object]:
    left = None if found.limit_usd is None else max(0.0, found.limit_usd - found.spent_usd - found.held_usd)
    return {"limit_usd": found.limit_usd, "spent_usd": found.spent_usd, "held_usd": found.held_usd, "left_usd": left}
