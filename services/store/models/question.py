"""What agents ask people."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedJson, RedactedText


class Question(Numbered, Row):
    """A question of a run, on its task or (`plan_id`) on the plan that it made. It waits until a person answers.

    `options` are answers that the agent offered. `note` says why one is void.
    """

    __tablename__ = "questions"
    __table_args__ = (sa.UniqueConstraint("run_id", "position"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requests.id"))
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"))
    position: Mapped[int] = mapped_column(default=1)
    role: Mapped[str | None]
    stage: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(RedactedText)
    options: Mapped[list[str]] = mapped_column(RedactedJson, default=list)
    state: Mapped[str] = mapped_column(index=True)
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
