"""Why a run's model calls went to another model than the one that was wanted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText, now


class ModelDecision(Numbered, Row):
    """In a step of a run `taken` is asked in place of `wanted`, both `provider/name`. The same decision is one row:
    `times` counts it, and what was decided last holds for the step's next call.

    `reason` is failure, budget, context, complexity or offline; `code` that of the error, "" where there was none.
    """

    __tablename__ = "model_decisions"
    __table_args__ = (sa.UniqueConstraint("run_id", "step", "wanted", "taken", "code"),)

    run_id: Mapped[str]
    step: Mapped[str]
    wanted: Mapped[str]
    taken: Mapped[str]
    reason: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(default=now)
