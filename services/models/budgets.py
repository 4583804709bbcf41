"""Budgets in US dollars of a run, a project, a day: the worst case is held before a call, its cost settled after."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.errors import BudgetExceeded, ModelWithoutPrice
from services.models.prices import Price
from services.store.models import DayBudget, ModelCall, Project, Task
from services.store.types import now

MARGIN = 1.25  # prompt tokens are an estimate; money is held for a quarter more of them
_LOCK = 7_206_001  # advisory, PostgreSQL: two reservations must see each other; SQLite has one writer at a time


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where nobody said otherwise: US dollars a day (UTC) and a run; None means no limit."""

    daily_usd: float | None = None
    run_usd: float | None = None


@dataclass(frozen=True)
class Reserve:
    """The worst case of a call. `price` None means that nobody knows what the model costs."""

    tokens_in: int
    tokens_out: int
    price: Price | None

    @cached_property
    def cost(self) -> float:
        if self.price is None:
            return 0.0
        return self.price.cost(int(self.tokens_in * MARGIN), self.tokens_out)

    @property
    def free(self) -> bool:
        return self.price is not None and self.cost == 0.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is."""

    run_id: str
    task_id: int | None
    project_id: int | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One budget that a call has to fit into. `what` begins a sentence; `mine` are the calls that count."""

    what: str
    usd: float
    mine: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as it is: US dollars settled, and held for calls that are under way."""

    limit_usd: float | None
    spent_usd: float
    held_usd: float


async def reserve(session: AsyncSession, caller: Caller, model: str, wanted: Reserve, defaults: Defaults) -> float:
    """The US dollars to hold for a call, the worst case, which is within the budgets that apply.

    `session` is a writing transaction, in which the caller writes them down.

    Raises BudgetExceeded, and ModelWithoutPrice when there is a budget and no price.
    """
    if wanted.free:
        return 0.0
    limits = await _limits(session, caller, defaults)
    if not limits:
        return wanted.cost
    if wanted.price is None:
        raise ModelWithoutPrice(
            f"Nobody knows what {model} costs, and there is a budget to hold.",
            "Choose a model with a known price or a local one, or take the budget away.",
        )
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    for limit in limits:
        await _check(session, limit, wanted.cost)
    return wanted.cost


async def used_up(session: AsyncSession, caller: Caller, defaults: Defaults) -> str:
    """The budget that has nothing left, as a part of a sentence; empty where each has something."""
    for limit in await _limits(session, caller, defaults):
        found = await standing(session, limit.usd, limit.mine)
        if found.spent_usd + found.held_usd >= limit.usd:
            return f"{limit.what[0].lower()}{limit.what[1:]} of ${limit.usd:.2f} is used up"
    return ""


async def day_limit(session: AsyncSession, defaults: Defaults) -> float | None:
    """Today's: what a person set for this day, else the setting's."""
    row = await session.get(DayBudget, today().isoformat())
    return defaults.daily_usd if row is None else row.usd


async def standing(session: AsyncSession, limit: float | None, mine: sa.ColumnElement[bool]) -> Standing:
    """How a budget stands. `mine` are its calls."""
    under_way = ModelCall.outcome == "open"
    query = sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((under_way, 0.0), else_=ModelCall.cost)), 0.0),
        sa.func.coalesce(sa.func.sum(sa.case((under_way, ModelCall.reserved_cost), else_=0.0)), 0.0),
    ).where(mine)
    spent, held = (await session.execute(query)).one()
    return Standing(limit, float(spent), float(held))


def of_today() -> sa.ColumnElement[bool]:
    """The calls that count against today's budget."""
    return ModelCall.created_at >= _midnight(now())


def today() -> date:
    """The day in UTC."""
    return now().date()


async def _limits(session: AsyncSession, caller: Caller, defaults: Defaults) -> list[Limit]:
    """Those that hold for the call, the narrowest first."""
    query = sa.select(Project.budget_usd, Project.run_budget_usd).where(Project.id == caller.project_id)
    project = (await session.execute(query)).one_or_none()
    of_task = await session.scalar(sa.select(Task.run_budget_usd).where(Task.id == caller.task_id))
    run_usd = next((usd for usd in (of_task, project.run_budget_usd if project else None) if usd is not None), None)
    run_usd = defaults.run_usd if run_usd is None else run_usd
    found: list[Limit] = []
    if run_usd is not None:
        found.append(Limit("The run's budget", run_usd, ModelCall.run_id == caller.run_id))
    if project is not None and project.budget_usd is not None:
        found.append(Limit("The project's budget", project.budget_usd, ModelCall.project_id == caller.project_id))
    if (daily_usd := await day_limit(session, defaults)) is not None:
        found.append(Limit("Today's budget", daily_usd, of_today()))
    return found


async def _check(session: AsyncSession, limit: Limit, cost: float) -> None:
    found = await standing(session, limit.usd, limit.mine)
    taken = found.spent_usd + found.held_usd
    if taken + cost > limit.usd:
        left = max(0.0, limit.usd - taken)
        raise BudgetExceeded(
            f"{limit.what} of ${limit.usd:.2f} has ${left:.4f} left, and this call may cost ${cost:.4f}.",
            "Raise the budget, or choose a cheaper or a local model.",
            limit_usd=limit.usd,
            taken_usd=taken,
            worst_case_usd=cost,
        )


def _midnight(moment: datetime) -> datetime:
    """The start of the day in UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
