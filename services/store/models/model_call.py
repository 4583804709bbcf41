"""Calls of models through the gateway, and the answers kept for a run that starts again."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText, now


class ModelCall(Numbered, Row):
    """One call as a client made it. `outcome`: open, answered, replayed, failed, refused or abandoned.

    `reserved_cost` is held against the budget until the call settles at `cost` (US dollars); of a refused one it is
    what no budget had room for. `delivered_at` is set when the client has the whole answer: a call that was answered
    but not delivered is answered again under its ordinal.
    """

    __tablename__ = "model_calls"
    __table_args__ = (
        sa.Index("ix_model_calls_identity", "run_id", "step", "request_sha256", "ordinal"),
        sa.Index("ix_model_calls_created_at", "created_at"),
    )

    run_id: Mapped[str | None] = mapped_column(index=True)
    step: Mapped[str] = mapped_column(default="")
    incarnation: Mapped[int] = mapped_column(default=1)
    ordinal: Mapped[int] = mapped_column(default=0)
    request_sha256: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(index=True)
    task_id: Mapped[int | None]
    role: Mapped[str | None]
    provider: Mapped[str]
    protocol: Mapped[str]
    path: Mapped[str]
    model: Mapped[str]
    streamed: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(default="open", index=True)
    status_code: Mapped[int | None]
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    tokens_cached: Mapped[int] = mapped_column(default=0)
    estimated: Mapped[bool] = mapped_column(default=False)
    reserved_cost: Mapped[float] = mapped_column(default=0.0)
    cost: Mapped[float] = mapped_column(default=0.0)
    first_byte_ms: Mapped[float | None]
    duration_ms: Mapped[float | None]
    tokens_per_second: Mapped[float | None]
    error: Mapped[str] = mapped_column(RedactedText, default="")
    finished_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class DayBudget(Row):
    """US dollars that all models together may cost on one day (UTC), as a person said; None means no limit."""

    __tablename__ = "day_budgets"

    day: Mapped[str] = mapped_column(primary_key=True)  # 2026-01-31
    usd: Mapped[float | None]
    set_at: Mapped[datetime] = mapped_column(default=now)


class ModelAnswer(Row):
    """A complete answer, stored before the client has it. A restarted attempt is answered with it, a new one never.

    `size` is that of `body` in bytes, in an index: bounding them reads no answer.
    """

    __tablename__ = "model_answers"
    __table_args__ = (sa.Index("ix_model_answers_run_id_created_at_size", "run_id", "created_at", "size"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    status_code: Mapped[int]
    media_type: Mapped[str]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)
