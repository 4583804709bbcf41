"""Budgets in US dollars of a run, a project, a day: the worst case is held before a call, its cost settled after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.errors import BudgetExceeded, ModelWithoutPrice
from services.models.prices import Price
from services.models.tally import Scope, Tally
from services.store.models import DayBudget, ModelCall, Project, Run, Task
from services.store.trips import Steps
from services.store.types import now

MARGIN = 1.25  # prompt tokens are an estimate; money is held for a quarter more of them
_PROJECT, _DAY = Project.id == sa.bindparam("project_id"), DayBudget.day == sa.bindparam("day")
_BUDGETS = sa.select(  # in the order of SET
    sa.select(Project.budget_usd).where(_PROJECT).scalar_subquery(),
    sa.select(Project.run_budget_usd).where(_PROJECT).scalar_subquery(),
    sa.select(Task.run_budget_usd).where(Task.id == sa.bindparam("task_id")).scalar_subquery(),
    sa.select(Run.budget_usd).where(Run.id == sa.bindparam("run_id")).scalar_subquery(),
    sa.exists().where(_DAY),  # a day that is set may have no limit
    sa.select(DayBudget.usd).where(_DAY).scalar_subquery(),
)
SET = (  # where the call's project, task, run and day are joined
    Project.budget_usd, Project.run_budget_usd, Task.run_budget_usd, Run.budget_usd, DayBudget.day.is_not(None),
    DayBudget.usd,
)  # fmt: skip


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
    """One budget that a call has to fit into. `what` begins a sentence; `scope` are the calls that count."""

    what: str
    usd: float
    scope: Scope


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as it is: US dollars settled, and held for calls that are under way."""

    limit_usd: float | None
    spent_usd: float
    held_usd: float


def reserve(
    tally: Tally, caller: Caller, model: str, wanted: Reserve, budgets: Sequence[Any], defaults: Defaults
) -> Steps[float]:
    """The US dollars to hold for a call, the worst case, which is within the budgets that apply.

    `budgets` are a row of SET. It is a part of a writing transaction that has asked the tally's news, and in which the
    caller writes them down.

    Raises BudgetExceeded, and ModelWithoutPrice when there is a budget and no price.
    """
    limits = [] if wanted.free else _limits(caller, budgets, defaults)
    if not limits:
        return wanted.cost
    if wanted.price is None:
        raise ModelWithoutPrice(
            f"Nobody knows what {model} costs, and there is a budget to hold.",
            "Choose a model with a known price or a local one, or take the budget away.",
        )
    taken = yield from tally.taken([limit.scope for limit in limits])
    for limit, already in zip(limits, taken, strict=True):
        _check(limit, already, wanted.cost)
    return wanted.cost


async def used_up(session: AsyncSession, caller: Caller, defaults: Defaults) -> str:
    """The budget that has nothing left, as a part of a sentence; empty where each has something."""
    budgets = (await session.execute(_BUDGETS, _keys(caller))).one()
    for limit in _limits(caller, budgets, defaults):
        found = await standing(session, limit.usd, _mine(limit.scope))
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
    return ModelCall.created_at >= midnight()


def today() -> date:
    """The day in UTC."""
    return now().date()


def midnight() -> datetime:
    """When today began, in UTC."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


def _keys(caller: Caller) -> dict[str, Any]:
    told = {"project_id": caller.project_id, "task_id": caller.task_id, "run_id": caller.run_id}
    return {**told, "day": today().isoformat()}


def _limits(caller: Caller, budgets: Any, defaults: Defaults) -> list[Limit]:
    """Those that hold for the call, the narrowest first. `budgets` is a row of SET."""
    project_usd, of_project, of_task, of_run, day_is_set, day_usd = budgets
    run_usd = next((usd for usd in (of_run, of_task, of_project) if usd is not None), defaults.run_usd)
    daily_usd = day_usd if day_is_set else defaults.daily_usd
    found: list[Limit] = []
    if run_usd is not None:
        found.append(Limit("The run's budget", run_usd, Scope(run_id=caller.run_id)))
    if project_usd is not None:
        found.append(Limit("The project's budget", project_usd, Scope(project_id=caller.project_id)))
    if daily_usd is not None:
        found.append(Limit("Today's budget", daily_usd, Scope(since=midnight())))
    return found


def _mine(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.run_id is not None:
        return ModelCall.run_id == scope.run_id
    return of_today() if scope.project_id is None else ModelCall.project_id == scope.project_id


def _check(limit: Limit, taken: float, cost: float) -> None:
    if taken + cost > limit.usd:
        left = max(0.0, limit.usd - taken)
        raise BudgetExceeded(
            f"{limit.what} of ${limit.usd:.2f} has ${left:.4f} left, and this call may cost ${cost:.4f}.",
            "Raise the budget, or choose a cheaper or a local model.",
            limit_usd=limit.usd,
            taken_usd=taken,
            worst_case_usd=cost,
        )
