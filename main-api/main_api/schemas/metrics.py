"""The metrics on the wire."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from main_api.schemas.shape import Out

PassRateBy = Literal["role", "model", "role_and_model"]
UsageBy = Literal["day", "project", "stage", "role", "model"]
Seconds = float
USD = Field(examples=["0.0132"], description="US dollars")


class SpanOut(Out):
    """The days that were asked for, in their zone; `begins` and `ends` are their bounds as moments."""

    zone: str = Field(examples=["Europe/Berlin"])
    first: dt.date
    last: dt.date
    begins: dt.datetime
    ends: dt.datetime

    @classmethod
    def of(cls, span: Any) -> "SpanOut":
        return cls.model_validate(span)


class DoneDay(Out):
    day: dt.date
    done: int


class ThroughputOut(Out):
    """Tasks that were done, each once, on the day of the last time within the span. Each day has a row."""

    span: SpanOut
    done: int
    rows: list[DoneDay]


class RoundsRow(Out):
    rounds: int
    tasks: int


class RoundsOut(Out):
    """After how many rounds those tasks were done; null where there are none."""

    span: SpanOut
    tasks: int
    median: int | None
    p95: int | None
    rows: list[RoundsRow]


class PassRateRow(Out):
    """Runs that ended in the span. `pass_rate` is passed over passed and failed, 0 to 1; null before the first."""

    role: str | None = Field(None, examples=["dev"])
    model: str | None = Field(None, examples=["ollama/qwen2.5-coder:1.5b"])
    runs: int
    passed: int
    failed: int
    blocked: int
    cancelled: int
    lost: int
    pass_rate: float | None


class PassRateOut(Out):
    span: SpanOut
    by: PassRateBy
    total: PassRateRow
    rows: list[PassRateRow]


class _Times(Out):
    median_seconds: Seconds | None
    p95_seconds: Seconds | None
    total_seconds: Seconds


class StageTimes(_Times):
    stage: str
    runs: int

    @classmethod
    def of(cls, stage: str, runs: int, total: int, median: int, p95: int) -> "StageTimes":
        """The times are milliseconds."""
        return cls(
            stage=stage, runs=runs, median_seconds=median / 1000, p95_seconds=p95 / 1000, total_seconds=total / 1000
        )


class StagesOut(Out):
    """Of runs that passed or failed in the span: from their start to their end, pauses taken off."""

    span: SpanOut
    rows: list[StageTimes]


class WaitTimes(_Times):
    """Waits that ended in the span, and (`open`) those that go on now, the first since `open_since`."""

    reason: str = Field(examples=["approval"])
    waits: int
    open: int
    open_since: dt.datetime | None

    @classmethod
    def of(cls, reason: str, over: Any, count: int, since: dt.datetime | None) -> "WaitTimes":
        if over is None:
            return cls(
                reason=reason, waits=0, median_seconds=None, p95_seconds=None, total_seconds=0, open=count,
                open_since=since,
            )  # fmt: skip
        return cls(
            reason=reason, waits=over.count, median_seconds=over.median / 1000, p95_seconds=over.p95 / 1000,
            total_seconds=over.total / 1000, open=count, open_since=since,
        )  # fmt: skip


class WaitingOut(Out):
    span: SpanOut
    waits: int
    open: int
    total_seconds: Seconds
    rows: list[WaitTimes]


class Usage(Out):
    """Settled calls. `estimated_*` are of those whose provider did not say what they took: part of the rest."""

    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: str = USD
    estimated_calls: int
    estimated_usd: str = USD


class UsageRow(Usage):
    """`key` is the day, the project's id, the stage, the role or the model; null for calls that have none. `name` is
    the project's."""

    key: str | None
    name: str | None


class UsageOut(Out):
    span: SpanOut
    by: UsageBy
    total: Usage
    rows: list[UsageRow]
