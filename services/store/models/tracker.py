"""Outside trackers: which there are, which of their projects belongs to which of ours, which task came from which."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import RedactedJson


class TrackerProvider(Row):
    """A tracker by its name. `available`: the hub speaks with it; `sentence` says what it is, `sign_in` how."""

    __tablename__ = "tracker_providers"

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    available: Mapped[bool]
    sentence: Mapped[str]
    sign_in: Mapped[str] = mapped_column(default="")


class TrackerProject(Numbered, Row):
    """A project there that a person tied to one here. Without its credential it is only looked at."""

    __tablename__ = "tracker_projects"
    __table_args__ = (sa.UniqueConstraint("provider", "external_id", "project_id"),)

    provider: Mapped[str] = mapped_column(sa.ForeignKey("tracker_providers.name"))
    credential_id: Mapped[int | None] = mapped_column(sa.ForeignKey("credentials.id", ondelete="SET NULL"), index=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    external_id: Mapped[str]
    name: Mapped[str]
    url: Mapped[str] = mapped_column(default="")


class TrackerTask(Numbered, Row):
    """Where a task came from. `imported` are its title and description as they were written here last from there; what
    differs from them now was changed by a person. `taken` are the ids of comments and files that came along."""

    __tablename__ = "tracker_tasks"
    __table_args__ = (sa.UniqueConstraint("link_id", "external_id"),)

    link_id: Mapped[int] = mapped_column(sa.ForeignKey("tracker_projects.id"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    external_id: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    imported: Mapped[dict[str, Any]] = mapped_column(RedactedJson, default=dict)
    taken: Mapped[list[str]] = mapped_column(default=list)
    imported_at: Mapped[datetime]
