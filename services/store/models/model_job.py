"""What was done with models besides asking them: fetched, measured, tried out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText


class ModelJob(Numbered, Row):
    """`kind` is pull, bench or probe; `state` queued, running, done, failed, cancelled or interrupted.

    `progress` is how far it got (bytes and words), `result` what was measured or seen.
    """

    __tablename__ = "model_jobs"
    __table_args__ = (sa.Index("ix_model_jobs_model_kind", "model", "kind"),)

    kind: Mapped[str]
    model: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued", index=True)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any] | None]
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    way_out: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
