"""What a person says about lines of a change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row


class ReviewComment(Numbered, Edited, Row):
    """On `line` to `end_line` of `path`, of the change's new text or (`side` old) of what was there before.

    `state` is draft or sent. `patch_id`, `base_sha` and `head_sha` are of the change that was looked at, `quote` is the
    lines as they were then. Sent with a wish for changes it has a finding; with an approval it is a remark.
    """

    __tablename__ = "review_comments"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    approval_id: Mapped[int | None] = mapped_column(sa.ForeignKey("approvals.id"))
    finding_id: Mapped[int | None] = mapped_column(sa.ForeignKey("findings.id"))
    author: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    patch_id: Mapped[str]
    base_sha: Mapped[str]
    head_sha: Mapped[str]
    path: Mapped[str]
    side: Mapped[str]
    line: Mapped[int]
    end_line: Mapped[int | None]
    severity: Mapped[str]
    text: Mapped[str]
    quote: Mapped[str]
    sent_at: Mapped[datetime | None]

    @property
    def last_line(self) -> int:
        return self.end_line or self.line
