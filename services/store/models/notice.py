"""How a person is told of what waits for them while no page is open, and what they were told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row
from services.store.types import RedactedJson, RedactedText


class NoticeSettings(Numbered, Edited, Row):
    """The hub's one row. `webhook_url` empty: none; its secret is a credential. `command` is an argv, `[]`: none.

    `kinds` are those of the inbox that are told; none named means all.
    """

    __tablename__ = "notice_settings"

    webhook_url: Mapped[str] = mapped_column(default="")
    credential_id: Mapped[int | None]
    command: Mapped[list[str]] = mapped_column(default=list)
    kinds: Mapped[list[str]] = mapped_column(default=list)
    enabled: Mapped[bool] = mapped_column(default=True)


class Notice(Numbered, Row):
    """That one item of the inbox, by its name, goes out by one `channel` (webhook or command).

    `state` is a NoticeState; queued, it is tried at `next_at`. `body` is what is sent.
    """

    __tablename__ = "notices"
    __table_args__ = (sa.UniqueConstraint("item", "channel"),)

    item: Mapped[str]
    channel: Mapped[str]
    project_id: Mapped[int | None]
    task_id: Mapped[int | None]
    body: Mapped[dict[str, Any]] = mapped_column(RedactedJson)
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    finished_at: Mapped[datetime | None]
