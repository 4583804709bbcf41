"""Deploys: what was run after merges."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedJson, RedactedText


class Deploy(Numbered, Row):
    """One deploy of a commit of a project's branch, by the run `run_id`; states are DeployState.

    `task_id` is whose merge it follows, None where a person asked for it. `command` and `grants` are those it had,
    `fingerprint` names both. `facts` is what the command told of what it deployed. `decision` is a person's word on one
    that failed or was cut off: again, send_back or accept.
    """

    __tablename__ = "deploys"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    run_id: Mapped[str] = mapped_column(sa.ForeignKey("runs.id"), unique=True)
    asked_by: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    commit: Mapped[str | None]
    command: Mapped[str] = mapped_column(default="")
    grants: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fingerprint: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(RedactedJson, default=dict)
    exit_code: Mapped[int | None]
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
