"""Budgets in US dollars, per project and per day: the worst case is held before a call, its true cost settled after."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.errors import BudgetExceeded, ModelWithoutPrice
from services.models.prices import Price
from services.store.models import ModelCall, Project
from services.store.types import now

MARGIN = 1.25  # prompt tokens are an estimate; money is held for a quarter more of them
_LOCK = 7_206_001  # advisory, PostgreSQL: two reservations must see each other; SQLite has one writer at a time


@dataclass(frozen=True, slots=True)
class Reserve:
    """The worst case of a call. `price` None means that nobody knows what the model costs."""

    tokens_in: int
    tokens_out: int
    price: Price | None

    @property
    def cost(self) -> float:
        if self.price is None:
            return 0.0
        return self.price.cost(int(self.tokens_in * MARGIN), self.tokens_out)


async def reserve(session: AsyncSession, call: ModelCall, model: str, wanted: Reserve, daily_usd: float | None) -> None:
    """Writes the worst case to the call, within the budgets that apply; `session` is a writing transaction.

    Raises BudgetExceeded, and ModelWithoutPrice when there is a budget and no price.
    """
    cost = wanted.cost
    call.reserved_cost = cost
    if wanted.price is not None and cost == 0.0:
        return
    project_usd = await _project_budget(session, call.project_id)
    if project_usd is None and daily_usd is None:
        return
    if wanted.price is None:
        raise ModelWithoutPrice(
            f"Nobody knows what {model} costs, and there is a budget to hold.",
            "Choose a model with a known price or a local one, or take the budget away.",
        )
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if project_usd is not None:
        await _check(session, "The project's budget", project_usd, cost, ModelCall.project_id == call.project_id)
    if daily_usd is not None:
        await _check(session, "Today's budget", daily_usd, cost, ModelCall.created_at >= _midnight(now()))


async def _project_budget(session: AsyncSession, project_id: int | None) -> float | None:
    if project_id is None:
        return None
    return await session.scalar(sa.select(Project.budget_usd).where(Project.id == project_id))


async def _check(session: AsyncSession, what: str, limit: float, cost: float, mine: sa.ColumnElement[bool]) -> None:
    held = sa.case((ModelCall.outcome == "open", ModelCall.reserved_cost), else_=ModelCall.cost)
    taken = float(await session.scalar(sa.select(sa.func.coalesce(sa.func.sum(held), 0.0)).where(mine)) or 0.0)
    if taken + cost > limit:
        raise BudgetExceeded(
            f"{what} of ${limit:.2f} has ${max(0.0, limit - taken):.4f} left, and this call may cost ${cost:.4f}.",
            "Raise the budget, or choose a cheaper or a local model.",
            limit_usd=limit,
            taken_usd=taken,
            worst_case_usd=cost,
        )


def _midnight(moment: datetime) -> datetime:
    """The start of the day in UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
