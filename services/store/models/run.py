"""Runs, and what they leave: handoffs, proofs, findings, approvals."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row, only
from services.store.types import RedactedJson, RedactedText, UtcDateTime, now

ENDED = "finished_at IS NOT NULL"


class Run(Row):
    """One attempt by one agent at one stage of one task, or (task_id None) a PM's attempt to plan a request.

    `owner` is the orchestrator that carries it; a run that a person started has none until one admits it. `details`
    holds the carried-out steps: name, executor, times, result. `stopping`: it was cancelled, and an agent may still be
    at work on it. `resumed` counts how often it went on after it had waited for money; `budget_usd` is what a person
    gave this run alone (US dollars). `models` are those it may use, in their order, where there are several.
    `paused_at`: a person paused this run by itself. `held` is how it stands still since `held_at`, for that or another
    pause (services/domain/pauses.py); `paused_seconds` is how long it has done so before.
    """

    __tablename__ = "runs"
    __table_args__ = (
        sa.Index("ix_runs_task_id_stage", "task_id", "stage"),
        sa.Index("ix_runs_state", "state"),
        sa.Index("ix_runs_queued_at", "queued_at"),
        # Asked for after each commit of anybody: an orchestrator has carried a million runs, and stops none of them.
        sa.Index(
            "ix_runs_stopping", "owner", sqlite_where=sa.text("stopping = 1"), postgresql_where=sa.text("stopping")
        ),
        sa.Index("ix_runs_paused_at", "paused_at", **only("paused_at IS NOT NULL")),
        sa.Index("ix_runs_held", "held", **only("held IS NOT NULL")),
        # what metrics count and time, each from an index alone: the rows are wide
        sa.Index("ix_runs_rated", "role", "model", "state", "project_id", "finished_at", **only(ENDED)),
        sa.Index(
            "ix_runs_timed",
            "stage",
            "finished_at",
            "state",
            "project_id",
            "started_at",
            "paused_seconds",
            **only(ENDED),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # UUIDv7
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"))
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requests.id"), index=True)
    stage: Mapped[str]
    role: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    owner: Mapped[str | None] = mapped_column(index=True)
    stopping: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    agent: Mapped[str | None]
    cwd: Mapped[str | None]
    base_sha: Mapped[str | None]
    checkpoint_sha: Mapped[str | None]
    head_sha: Mapped[str | None]
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None]
    job_started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(RedactedText, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    files_touched: Mapped[list[str]] = mapped_column(default=list)
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    budget_usd: Mapped[float | None]
    resumed: Mapped[int] = mapped_column(default=0, server_default="0")
    model: Mapped[str | None]
    models: Mapped[list[str] | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]
    held: Mapped[str | None]
    held_at: Mapped[datetime | None]
    paused_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """Of each step that asked a model: how large its prompt was, and what it had to do without."""
        return [{"step": step, **told} for step, told in self.details.get("prompts", {}).items()]

    @property
    def story_id(self) -> str:
        """The engine's name for what carries the run now: the run's id, and after each wait for money a new one."""
        return f"{self.id}.{self.resumed}" if self.resumed else self.id


class Handoff(Numbered, Row):
    """What one run passes to the next. `note` says how it ended; who moved it is `hub` where a run did."""

    __tablename__ = "handoffs"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    from_run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"), unique=True)
    to_run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"))
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    state: Mapped[str]
    summary: Mapped[str] = mapped_column(RedactedText, default="")
    data: Mapped[dict[str, Any]] = mapped_column(RedactedJson, default=dict)
    note: Mapped[str] = mapped_column(RedactedText, default="", server_default="")
    created_by: Mapped[str] = mapped_column(default="hub", server_default="hub")
    accepted_by: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    finished_by: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class Proof(Numbered, Row):
    """Evidence that a run left, or somebody brought. The bytes are named by `sha256` under WFHUB_HOME/proofs."""

    __tablename__ = "proofs"
    __table_args__ = (sa.UniqueConstraint("run_id", "step", "name", "sha256"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"), index=True)
    step: Mapped[str] = mapped_column(default="")
    stage: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    preview: Mapped[str] = mapped_column(RedactedText, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(RedactedJson, default=dict)
    note: Mapped[str] = mapped_column(RedactedText, default="", server_default="")
    created_by: Mapped[str] = mapped_column(default="hub", server_default="hub")


class Finding(Numbered, Row):
    """A fault that a run found, fixed on the branch of the task it was found in.

    `round` is the one it was filed or opened again in, `last_round` the newest in which it was seen. `on_base`: the
    merge base has it already, so it is not this task's doing. `own_task_id` is the task that a person made of it.
    """

    __tablename__ = "findings"
    __table_args__ = (sa.UniqueConstraint("task_id", "fingerprint"),)

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"))
    fixed_run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"))
    stage: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    tool: Mapped[str]
    rule: Mapped[str]
    severity: Mapped[str]
    title: Mapped[str] = mapped_column(RedactedText)
    message: Mapped[str] = mapped_column(RedactedText, default="")
    file: Mapped[str | None]
    line: Mapped[int | None]
    fingerprint: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")
    last_round: Mapped[int] = mapped_column(default=1, server_default="1")
    on_base: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    own_task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("findings.id"))
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Approval(Numbered, Row):
    """A person's word on one change. It binds to the change's `patch_id`, not to its commit."""

    __tablename__ = "approvals"

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    stage: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    patch_id: Mapped[str | None]
    base_sha: Mapped[str | None]
    head_sha: Mapped[str | None]
    diff_stat: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
