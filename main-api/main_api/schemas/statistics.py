"""The board's statistics on the wire."""

import datetime as dt

from pydantic import Field

from main_api.schemas.shape import Out


class WipViolation(Out):
    """A stage with more begun tasks than its limit allows. Work that was sent back is let in above it."""

    project_id: int
    stage: str
    title: str
    count: int
    wip: int


class DayOut(Out):
    """One day in UTC."""

    day: dt.date
    created: int
    done: int


class StageStatistics(Out):
    """Runs that ended in the period. `pass_rate` is passed over passed and failed, 0 to 1; null before the first.
    Seconds are from a run's start to its end."""

    stage: str
    runs: int
    passed: int
    failed: int
    blocked: int
    cancelled: int
    lost: int
    pass_rate: float | None
    mean_seconds: float | None
    longest_seconds: float | None
    cost_usd: str = Field(examples=["0.0132"])
    tokens: int


class ModelLoads(Out):
    """How often a server of local models had to load this one in place of another, and how long it took."""

    model: str = Field(examples=["ollama/qwen2.5-coder:1.5b"])
    loads: int
    mean_seconds: float | None = Field(description="Of those that were measured")


class StatisticsOut(Out):
    """`lead_seconds`: from made to done, of the tasks that were done in the period."""

    days: int
    since: dt.datetime
    by_state: dict[str, int] = Field(description="All tasks that are not deleted")
    by_stage: dict[str, int] = Field(description="Open tasks")
    throughput: list[DayOut] = Field(description="Each day of the period, the oldest first")
    done: int
    median_lead_seconds: float | None
    stages: list[StageStatistics]
    cost_usd: str = Field(examples=["0.52"])
    tokens: int
    violations: list[WipViolation]
    model_loads: list[ModelLoads] = Field(description="Of the whole hub: its projects share the card")
