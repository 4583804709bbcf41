"""What is kept up beside the facts, so that metrics need not read all of them: what models were paid, who waited."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Row, only
from services.store.types import BigId


class UsageQuarter(Row):
    """The settled model calls of a quarter of an hour, of one project, stage, role and model.

    Kept up by services/models/usage_quarters.py. `quarter` counts quarters of an hour since 1970: each zone's days
    begin with one. Of calls without a project `project_id` is 0, without a run `stage`, without a role `role` are
    empty. `pico_usd` is in millionths of a millionth of a US dollar: whole numbers add up to the same sum in any
    order. `estimated_*` are of those calls whose provider did not say what they took.
    """

    __tablename__ = "usage_quarters"

    quarter: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    pico_usd: Mapped[int]
    estimated_calls: Mapped[int]
    estimated_pico_usd: Mapped[int]


class Wait(Row):
    """That a task waited for a person, for one reason, from `began_at` to `ended_at`; None: it waits still.

    Written with the task's state (services/tasks/waits.py); the times are those of its events.
    """

    __tablename__ = "waits"
    __table_args__ = (
        sa.Index("ix_waits_open", "task_id", **only("ended_at IS NULL")),
        sa.Index("ix_waits_ended_at", "reason", "ended_at", "project_id", "began_at", **only("ended_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"))
    stage: Mapped[str]
    reason: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
