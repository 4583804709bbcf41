"""Budgets over HTTP: how they stand, and today's. A project's and a task's are fields of theirs."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub
from main_api.errors import documented
from main_api.reads.budgets import read_budgets
from main_api.schemas.budget import BudgetsOut, DayBudgetIn
from services.tasks.funds import set_day_budget

router = APIRouter(prefix="/budgets", tags=["budgets"])


@router.get("", summary="What may be spent, and what was", responses=documented())
async def list_budgets(hub: Hub) -> BudgetsOut:
    async with hub.db.read() as session:
        return await read_budgets(session, hub.settings.budgets)


@router.put("/today", summary="Set what all models may cost today", responses=documented())
async def put_today(hub: Hub, body: DayBudgetIn) -> BudgetsOut:
    """For this day (UTC) alone; tomorrow DAILY_BUDGET_USD holds again. Tasks that waited for money go on."""
    async with hub.db.write() as session:
        await set_day_budget(session, body.limit_usd, OWNER)
        return await read_budgets(session, hub.settings.budgets)
