"""What a gate measured of a run: one row for each of its rules."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText


class GateResult(Numbered, Row):
    """A rule, whether it passed, and why. `proof_id` is what shows it, where there is one.

    `overridden_by` is the person who let a failed rule pass, with their `note`: the result stays as it was measured.
    """

    __tablename__ = "gate_results"
    __table_args__ = (sa.UniqueConstraint("run_id", "rule"),)

    run_id: Mapped[str] = mapped_column(sa.ForeignKey("runs.id"))
    rule: Mapped[str]
    passed: Mapped[bool]
    reason: Mapped[str] = mapped_column(RedactedText)
    expected: Mapped[str]
    measured: Mapped[str] = mapped_column(RedactedText)
    proof_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proofs.id"))
    overridden_by: Mapped[str | None]
    overridden_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
