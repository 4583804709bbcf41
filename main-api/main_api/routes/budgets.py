"""Budgets over HTTP: how they stand, and today's. A project's and a task's are fields of theirs."""

from typing import Annotated

from fastapi import APIRouter, Path

from main_api.deps import OWNER, Hub
from main_api.errors import documented
from main_api.reads.budgets import read_budgets
from main_api.schemas.budget import BudgetsOut, DayBudgetIn, RunBudgetIn
from main_api.schemas.run import RunOut
from services.store.models import Run
from services.tasks.funds import set_day_budget, set_run_budget

router = APIRouter(prefix="/budgets", tags=["budgets"])
RunId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,100}$", examples=["0190f0e2-7c1a-7cc0-8b1e-0a5f4c1d2e3f"])]


@router.get("", summary="What may be spent, and what was", responses=documented())
async def list_budgets(hub: Hub) -> BudgetsOut:
    async with hub.db.read() as session:
        return await read_budgets(session, hub.settings.budgets)


@router.put("/today", summary="Set what all models may cost today", responses=documented())
async def put_today(hub: Hub, body: DayBudgetIn) -> BudgetsOut:
    """For this day (UTC) alone; tomorrow DAILY_BUDGET_USD holds again. Tasks that waited for money go on."""
    async with hub.db.write() as session:
        await set_day_budget(session, body.limit_usd, OWNER, hub.settings.budgets)
        return await read_budgets(session, hub.settings.budgets)


@router.put(
    "/runs/{run_id}", summary="Set what one run may cost", responses=documented(404, 409), response_model=RunOut
)
async def put_run(hub: Hub, run_id: RunId, body: RunBudgetIn) -> Run:
    """For this run alone, whatever its task, its project and RUN_BUDGET_USD say. If it waited for that, it goes on, and
    what it had paid for is not paid again."""
    async with hub.db.write() as session:
        return await set_run_budget(session, run_id, body.limit_usd, OWNER, hub.settings.budgets)
