"""Append-only facts, and the heartbeats of orchestrators."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Row, only
from services.store.types import BigId, RedactedJson, now


class Event(Row):
    """One state change, written in the transaction that made it. `seq` grows in commit order."""

    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_project_id_seq", "project_id", "seq"),
        sa.Index("ix_events_done", "at", "project_id", "task_id", "seq", **only("kind = 'task.done'")),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    project_id: Mapped[int | None]
    task_id: Mapped[int | None] = mapped_column(index=True)
    run_id: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(RedactedJson, default=dict)


class Worker(Row):
    """An orchestrator's boot. It is alive while `seen_at` is fresher than the time to live."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    capacity: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
