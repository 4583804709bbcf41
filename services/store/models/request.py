"""Requests and the plans that answer them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row
from services.store.types import RedactedJson, RedactedText


class Request(Numbered, Edited, Row):
    """What a person asks for, in their own words. `models` is its own ordered choice, for its tasks too; `single`: they
    want one task for an answer; `vision_model` describes its pictures where the model at work sees none."""

    __tablename__ = "requests"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    kind: Mapped[str] = mapped_column(default="idea")
    text: Mapped[str]
    single: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    state: Mapped[str] = mapped_column(index=True)
    sentence: Mapped[str] = mapped_column(RedactedText, default="")
    run_id: Mapped[str | None]
    models: Mapped[list[Any] | None]
    vision_model: Mapped[str | None]


class Plan(Numbered, Edited, Row):
    """The PM's answer. `body` is a PlanDraft (services/plans/drafts.py), `faults` what code found wrong in it.

    `minutes_measured` is what the project's own done tasks of these sizes took; None where there are none.
    `replaces_id`: it plans anew what of that approved plan had not begun.
    """

    __tablename__ = "plans"
    __table_args__ = (sa.UniqueConstraint("request_id", "number"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("requests.id"), index=True)
    run_id: Mapped[str | None]
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(index=True)
    summary: Mapped[str] = mapped_column(RedactedText, default="")
    body: Mapped[dict[str, Any]] = mapped_column(RedactedJson)
    faults: Mapped[list[str]] = mapped_column(RedactedJson, default=list)
    feedback: Mapped[str] = mapped_column(default="")
    minutes_measured: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    replaces_id: Mapped[int | None]


class PlanRevision(Numbered, Row):
    """What a plan said before a person edited it: its `body` at the version it had then, and who wrote that."""

    __tablename__ = "plan_revisions"
    __table_args__ = (sa.UniqueConstraint("plan_id", "version"),)

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plans.id"))
    version: Mapped[int]
    actor: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(RedactedJson)
