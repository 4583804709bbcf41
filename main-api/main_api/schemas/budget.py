"""Budgets on the wire: US dollars."""

from typing import Literal

from pydantic import Field

from main_api.schemas.shape import In, Out


class BudgetOut(Out):
    """`limit_usd` null means none; `held_usd` is reserved for calls under way, `left_usd` what another may cost."""

    limit_usd: float | None
    spent_usd: float
    held_usd: float
    left_usd: float | None


class ProjectBudgetOut(BudgetOut):
    project_id: int
    run_limit_usd: float | None = Field(description="What one run may cost")


class BudgetsOut(Out):
    """The day is UTC's."""

    day: str = Field(examples=["2026-01-31"])
    today: BudgetOut
    run_limit_usd: float | None = Field(description="What one run may cost where its project says nothing")
    projects: list[ProjectBudgetOut]


class DayBudgetIn(In):
    limit_usd: float | None = Field(ge=0, le=1e12, description="US dollars; null for no limit", examples=[5.0])


class RunBudgetIn(In):
    limit_usd: float = Field(ge=0, le=1e12, description="US dollars", examples=[0.5])


class WaitsForMoney(Out):
    """What a budget stops: a task's run, or a request's planning. `needs_usd` is what its next call may cost."""

    run_id: str
    task_id: int | None
    request_id: int | None
    title: str
    stage: str
    needs_usd: float


class UsedUp(Out):
    """A budget without room for the next call. Raise a run's with `PUT /budgets/runs/{key}`, a project's with
    `PATCH /projects/{key}` and `project_version`, a day's with `PUT /budgets/today`. With `enough_usd` all that waits
    goes on."""

    scope: Literal["run", "project", "day"]
    key: str
    limit_usd: float
    spent_usd: float
    held_usd: float
    enough_usd: float
    project_version: int | None
    waits: list[WaitsForMoney]
