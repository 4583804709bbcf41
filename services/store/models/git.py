"""What a person does to the git of a task beside its runs, and what goes out to a remote."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText


class Restoration(Numbered, Row):
    """A merge taken back (`undo_merge`), a branch put back to a checkpoint (`rollback`) or found again (`recover`).

    `state` is begun, done or refused. Begun, `plan` has all that is needed to finish it, whoever does. `before` and
    `after` are the commits of `branch`.
    """

    __tablename__ = "restorations"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str]
    note: Mapped[str] = mapped_column(RedactedText, default="")
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    branch: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    finished_at: Mapped[datetime | None]


class Push(Numbered, Row):
    """A commit of the project's branch on its way to the person's remote.

    `state` is queued, pushed or refused: refused, it waits for a person. Queued, it is tried at `next_at`.
    """

    __tablename__ = "pushes"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"))
    remote: Mapped[str]
    branch: Mapped[str]
    commit: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    finished_at: Mapped[datetime | None]
