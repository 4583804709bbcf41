"""Files that people and agents add, and reports of what is broken."""

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row
from services.store.types import RedactedText, now

HANGS_ON: tuple[Literal["task", "request", "comment", "bug"], ...] = ("task", "request", "comment", "bug")


class Attachment(Numbered, Edited, Row):
    """A file on a task, a request, a comment or a bug. Its bytes are named by `sha256` under WFHUB_HOME/attachments.

    `project_id` is that of what it hangs on.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        sa.CheckConstraint(
            " + ".join(f"CASE WHEN {noun}_id IS NULL THEN 0 ELSE 1 END" for noun in HANGS_ON) + " = 1", name="one_owner"
        ),
    )

    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requests.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    bug_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bugs.id"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    created_by: Mapped[str]
    deleted_at: Mapped[datetime | None]


class PictureWords(Row):
    """What a model said of a picture's bytes: for models without eyes, and for people who can't see it."""

    __tablename__ = "picture_words"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(RedactedText)
    model: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Bug(Numbered, Edited, Row):
    """What somebody saw going wrong: in a project or, without one, in the hub itself.

    `page` is the address it was seen at, `browser` what it was seen with, `details` what else the page's widget knows.
    """

    __tablename__ = "bugs"

    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"))
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requests.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    severity: Mapped[str] = mapped_column(default="medium")
    state: Mapped[str] = mapped_column(index=True)
    page: Mapped[str] = mapped_column(default="")
    browser: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str]
    deleted_at: Mapped[datetime | None]
