"""What is known of a task beside its record: what agents noted, and its older handoffs in short."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedText


class TaskNote(Numbered, Row):
    """What somebody learned on a task; a note is never changed. `kind` is note, decision, file or open.

    `digest` is the SHA-256 of kind and text: what is said again is kept once.
    """

    __tablename__ = "task_notes"
    __table_args__ = (sa.UniqueConstraint("task_id", "digest"),)

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"))
    run_id: Mapped[str | None] = mapped_column(index=True)
    author: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(RedactedText)
    digest: Mapped[str]


class HandoffFold(Numbered, Row):
    """A model's short account of a task's handoffs up to `last_id`, asked for once.

    `sources` is the SHA-256 of what it was told. Where `text` is empty, `why` says what was wrong with its answer.
    """

    __tablename__ = "handoff_folds"
    __table_args__ = (sa.UniqueConstraint("task_id", "last_id", "sources"),)

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"))
    last_id: Mapped[int]
    sources: Mapped[str]
    text: Mapped[str] = mapped_column(RedactedText, default="")
    why: Mapped[str] = mapped_column(RedactedText, default="")
    model: Mapped[str] = mapped_column(default="")
