"""Whose turn it is: what each project was given, and which model its server loaded last."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import now


class ProjectTurn(Row):
    """`tag` is the virtual time at which the project's last run was served (services/scheduling/fair.py). Written by
    admission alone, under its lock: a row of its own, so that nobody who edits the project waits for it."""

    __tablename__ = "project_turns"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True, autoincrement=False)
    tag: Mapped[float] = mapped_column(default=0.0)


class ModelLoad(Numbered, Row):
    """A server of local models was asked for another model than before. `model` is `provider/name`, `before` the one it
    had, empty for the first; `seconds` is how long loading took, None where that was not measured."""

    __tablename__ = "model_loads"
    __table_args__ = (sa.Index("ix_model_loads_model", "model"), sa.Index("ix_model_loads_created_at", "created_at"))

    created_at: Mapped[datetime] = mapped_column(default=now)
    provider: Mapped[str]
    model: Mapped[str]
    before: Mapped[str] = mapped_column(default="", server_default="")
    seconds: Mapped[float | None]
