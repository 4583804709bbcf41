"""Which budgets stand in the way of the runs that wait for money. The number of queries does not grow with the runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.domain.states import RequestState, RunState, TaskState, WaitingReason
from services.models.budgets import Defaults, Standing, day_limit, of_today, standing, today
from services.models.waiting_runs import waits_for_money
from services.store.models import ModelCall, Project, Request, Run, Task

Scope = Literal["run", "project", "day"]
REFUSED = 429  # of a call that a budget had no room for
ROUNDED = 10_000  # parts of a US dollar


@dataclass(frozen=True, slots=True)
class Wanting:
    """A run that waits. `usd` is the worst case of the call that it could not make, None where no budget refused it."""

    run_id: str
    task_id: int | None
    request_id: int | None
    project_id: int
    stage: str
    since: datetime
    usd: float | None


@dataclass(slots=True)
class Exhausted:
    """A budget without room for the next call of those who want something of it. `key` is the run's id, the project's,
    or the day."""

    scope: Scope
    key: str
    limit_usd: float
    spent_usd: float
    held_usd: float
    wanting: list[Wanting] = field(default_factory=list)

    @property
    def enough_usd(self) -> float:
        """The least limit with which all of them go on, rounded up."""
        wanted = sum(one.usd or 0.0 for one in self.wanting)
        return math.ceil((self.spent_usd + self.held_usd + wanted) * ROUNDED + 1e-6) / ROUNDED

    @property
    def sentence(self) -> str:
        left = max(0.0, self.limit_usd - self.spent_usd - self.held_usd)
        whose = {"run": "The run's budget", "project": "The project's budget", "day": "Today's budget"}[self.scope]
        needs = max(one.usd or 0.0 for one in self.wanting)
        return f"{whose} of ${self.limit_usd:.2f} has ${left:.4f} left, and the next call may cost ${needs:.4f}."


@dataclass(frozen=True, slots=True)
class InTheWay:
    """All who wait, and the budgets that stop them."""

    wanting: Sequence[Wanting]
    budgets: Sequence[Exhausted]

    def of(self, run_id: str) -> list[Exhausted]:
        return [budget for budget in self.budgets if any(one.run_id == run_id for one in budget.wanting)]

    @property
    def free_to_go(self) -> list[Wanting]:
        """Those whose next call was refused by a budget and fits by now: another day, or others needed less."""
        return [one for one in self.wanting if one.usd is not None and not self.of(one.run_id)]


_ANYBODY = sa.select(
    sa.exists().where(Task.state == TaskState.WAITING, Task.waiting_reason == WaitingReason.BUDGET)
    | sa.exists().where(Request.state == RequestState.FAILED, Request.run_id == Run.id, Run.state == RunState.BLOCKED)
)


async def in_the_way(session: AsyncSession, defaults: Defaults) -> InTheWay:
    """The narrowest budgets first."""
    if not await session.scalar(_ANYBODY):  # the look at the runs costs thirty times as much
        return InTheWay((), ())
    rows = (await session.execute(_waiting())).all()
    wanting = [_wanting(row) for row in rows]
    told = [one for one in wanting if one.usd is not None]
    if not told:
        return InTheWay(wanting, ())
    limits = {row.id: _run_limit(row, defaults) for row in rows}
    of_projects = {row.project_id: row.budget_usd for row in rows}
    runs = await _sums(session, ModelCall.run_id, [one.run_id for one in told])
    projects = await _sums(session, ModelCall.project_id, list(of_projects))
    day = await standing(session, await day_limit(session, defaults), of_today())
    found: dict[tuple[Scope, str], Exhausted] = {}
    for one in told:
        _add(found, "run", one.run_id, limits[one.run_id], runs.get(one.run_id, (0.0, 0.0)), one)
    for one in told:
        limit = of_projects[one.project_id]
        _add(found, "project", str(one.project_id), limit, projects.get(one.project_id, (0.0, 0.0)), one)
    for one in told:
        _add(found, "day", today().isoformat(), day.limit_usd, _taken(day), one)
    return InTheWay(wanting, list(found.values()))


def _waiting() -> sa.Executable:
    last = sa.select(sa.func.max(ModelCall.id)).where(ModelCall.run_id == Run.id).correlate(Run).scalar_subquery()
    return (
        sa.select(
            Run.id, Run.task_id, Run.request_id, Run.project_id, Run.stage, Run.finished_at, Run.queued_at,
            Run.budget_usd.label("of_run"), Task.run_budget_usd.label("of_task"),
            Project.run_budget_usd.label("of_project"), Project.budget_usd,
            ModelCall.outcome, ModelCall.status_code, ModelCall.reserved_cost,
        )
        .join(Project, Project.id == Run.project_id)
        .outerjoin(Task, Task.id == Run.task_id)
        .outerjoin(ModelCall, ModelCall.id == last)
        .where(waits_for_money(), Project.in_sight())
        .order_by(Run.finished_at, Run.id)
    )  # fmt: skip


def _wanting(row: Any) -> Wanting:
    refused = row.outcome == "refused" and row.status_code == REFUSED and row.reserved_cost > 0
    return Wanting(
        row.id, row.task_id, row.request_id, row.project_id, row.stage, row.finished_at or row.queued_at,
        row.reserved_cost if refused else None,
    )  # fmt: skip


def _run_limit(row: Any, defaults: Defaults) -> float | None:
    told = (row.of_run, row.of_task, row.of_project, defaults.run_usd)
    return next((usd for usd in told if usd is not None), None)


async def _sums(
    session: AsyncSession, column: InstrumentedAttribute[Any], keys: Sequence[str] | Sequence[int]
) -> dict[Any, tuple[float, float]]:
    """US dollars settled and held, by run or by project."""
    under_way = ModelCall.outcome == "open"
    settled = sa.func.sum(sa.case((under_way, 0.0), else_=ModelCall.cost))
    held = sa.func.sum(sa.case((under_way, ModelCall.reserved_cost), else_=0.0))
    query = sa.select(column, settled, held).where(column.in_(keys)).group_by(column)
    return {key: (float(spent), float(kept)) for key, spent, kept in await session.execute(query)}


def _taken(day: Standing) -> tuple[float, float]:
    return day.spent_usd, day.held_usd


def _add(
    found: dict[tuple[Scope, str], Exhausted], scope: Scope, key: str, limit: float | None,
    taken: tuple[float, float], one: Wanting,
) -> None:  # fmt: skip
    if limit is None or sum(taken) + (one.usd or 0.0) <= limit:
        return
    found.setdefault((scope, key), Exhausted(scope, key, limit, *taken)).wanting.append(one)
