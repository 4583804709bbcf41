"""What is said in a chat: of a project, or of one of its tasks."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row
from services.store.types import Json


class ChatMessage(Numbered, Edited, Row):
    """One thing that was said. `task_id` None: in the project's own thread.

    `kind` is request, question or command, by a person, or answer, which is to the message `reply_to_id`. An answer is
    `told_by` a model, by the record's facts alone, or by what a command did; `cites` are the facts that it rests on,
    each with its place. `sentence` says why it is not what was wanted. `attempt` counts how often it was asked for;
    `call_id` is the gateway's name for the newest. `cost` is in US dollars, of all attempts. `about` is what a command
    that waits for the person's yes was asked about. `updated_at` beats while an answer is being made.
    """

    __tablename__ = "chat_messages"
    __table_args__ = (sa.Index("ix_chat_messages_project_id_task_id_id", "project_id", "task_id", "id"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"))
    author: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(index=True)
    reply_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("chat_messages.id"), unique=True)
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requests.id"), unique=True)
    told_by: Mapped[str | None]
    sentence: Mapped[str] = mapped_column(default="")
    cites: Mapped[list[Any]] = mapped_column(Json, default=list)
    model: Mapped[str | None]
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    attempt: Mapped[int] = mapped_column(default=1)
    call_id: Mapped[str | None]
    about: Mapped[dict[str, Any] | None]
    edited_at: Mapped[datetime | None]
