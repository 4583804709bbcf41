"""Budgets on the wire: US dollars."""

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
