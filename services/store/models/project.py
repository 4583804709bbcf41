"""Projects, and the versioned definitions they use: workflows and roles; and whether all of them stand still."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row


class WorkflowRow(Numbered, Row):
    """One version of a workflow. A new text makes a new row; tasks in flight keep theirs.

    `origin` is shipped or imported. One that a project brought is named `name@KEY` and belongs to `project_id`; `file`
    is where its text came from.
    """

    __tablename__ = "workflows"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)

    name: Mapped[str]
    version: Mapped[int]
    source: Mapped[str]
    sha256: Mapped[str]
    definition: Mapped[dict[str, Any]]
    origin: Mapped[str] = mapped_column(default="shipped", server_default="shipped")
    project_id: Mapped[int | None]  # no foreign key: projects have one to here, and rows are put in their order
    file: Mapped[str] = mapped_column(default="", server_default="")


class Role(Numbered, Row):
    """One version of a role's configuration. The active row of a name is the one new runs use.

    `models` is its ordered choice (services/models/policy.py), None for none; `model` the older form of one.
    `settings` are RoleSettings (services/roles/settings.py). `principles` are its own, beside those of all roles.
    """

    __tablename__ = "roles"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)

    name: Mapped[str]
    version: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    title: Mapped[str]
    prompt: Mapped[str]
    principles: Mapped[str]
    model: Mapped[str | None]
    models: Mapped[list[Any] | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Principles(Numbered, Row):
    """One version of the principles that every role is told. The newest holds."""

    __tablename__ = "principles"

    version: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str]
    actor: Mapped[str]


class Project(Numbered, Edited, Row):
    """A git workspace, its workflow, its environment, its budget.

    `settings` are ProjectSettings (services/projects/settings.py), with `models`, the ordered choices by role, and
    `discovered`, what was found in its files.
    `merge_method` is merge, squash or rebase (services/repos/methods.py). Archived, it is paused too and out of sight.
    """

    __tablename__ = "projects"

    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    workspace_path: Mapped[str]
    environment: Mapped[str] = mapped_column(default="")
    repository_url: Mapped[str | None]
    default_branch: Mapped[str] = mapped_column(default="main")
    merge_method: Mapped[str] = mapped_column(default="merge", server_default="merge")
    workflow_id: Mapped[int] = mapped_column(sa.ForeignKey("workflows.id"))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    budget_usd: Mapped[float | None]
    run_budget_usd: Mapped[float | None]
    paused: Mapped[bool] = mapped_column(default=False)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]
    next_task_number: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    @classmethod
    def in_sight(cls) -> sa.ColumnElement[bool]:
        """Neither deleted nor archived."""
        return sa.and_(cls.deleted_at.is_(None), cls.archived_at.is_(None))


class HubPause(Row):
    """Everything is paused while this one row is there."""

    __tablename__ = "hub_pause"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    paused_at: Mapped[datetime]
    paused_by: Mapped[str]
