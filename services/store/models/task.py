"""Tasks and what hangs on them: dependencies, criteria, comments."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Edited, Numbered, Row, only
from services.store.types import RedactedText

_FOR_A_RUN = "feedback = 'waiting' AND to_run_id IS NOT NULL"


def find_text(key: str, title: str) -> str:
    """Small letters of every alphabet: the databases differ in which they know."""
    return f"{key} {title}".lower()


def _find_text_of_new(context: Any) -> str:
    given = context.get_current_parameters()
    return find_text(given["key"], given["title"])


class Task(Numbered, Edited, Row):
    """One piece of work on the board. The row is the truth about where it stands and who has it.

    `flows`: a person said once that it goes through all its stages, also where each stage waits for a click.
    `assignee_role` is the role of its stage. `merge_after` names the stage after which it is merged at once, as a
    person said beforehand. `max_rounds` and `run_budget_usd` (US dollars) are its own limits; where they are None,
    its workflow's and its project's hold. Of its rounds those up to `counted_from` do not count against that limit: a
    person asked for more work then. `models` is its own ordered choice (services/models/policy.py). It waits for a
    person, for what `waiting_reason` says, since `waiting_since`. Queued with `retry_at`, it does not start before
    then: its last run was lost. `paused_at`: a person paused it by itself.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        sa.UniqueConstraint("plan_id", "plan_item"),
        # counts of what stands where, and the newest of a column, are read from an index alone: the rows are wide
        sa.Index("ix_tasks_standing", "state", "stage", "project_id", "deleted_at", "workflow_id"),
        sa.Index("ix_tasks_newest", "state", "stage", "updated_at", "id", "project_id", "deleted_at"),
        sa.Index("ix_tasks_state_updated_at", "state", "updated_at"),
        sa.Index("ix_tasks_project_id_state_updated_at", "project_id", "state", "updated_at"),
        sa.Index("ix_tasks_paused_at", "paused_at", **only("paused_at IS NOT NULL")),
        sa.Index("ix_tasks_deleted_at_find_text", "deleted_at", "find_text"),  # SQLite looks through it alone
    )

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    workflow_id: Mapped[int] = mapped_column(sa.ForeignKey("workflows.id"))
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    plan_item: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="feature")
    priority: Mapped[int] = mapped_column(default=5)
    size: Mapped[str] = mapped_column(default="M")
    created_by: Mapped[str] = mapped_column(default="person")
    files: Mapped[list[str]] = mapped_column(default=list)
    stage: Mapped[str]
    assignee_role: Mapped[str | None]
    state: Mapped[str]
    waiting_reason: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    waiting_sentence: Mapped[str] = mapped_column(RedactedText, default="")
    sent_back: Mapped[bool] = mapped_column(default=False)
    round: Mapped[int] = mapped_column(default=1)
    counted_from: Mapped[int] = mapped_column(default=0, server_default="0")
    lost_runs: Mapped[int] = mapped_column(default=0)
    position: Mapped[float] = mapped_column(default=0.0)
    current_run_id: Mapped[str | None]
    queued_at: Mapped[datetime | None] = mapped_column(index=True)
    retry_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]
    branch: Mapped[str | None]
    branch_number: Mapped[int] = mapped_column(default=1)
    base_sha: Mapped[str | None]
    head_sha: Mapped[str | None]
    merged_sha: Mapped[str | None]
    merged_at: Mapped[datetime | None]
    merge_granted: Mapped[bool] = mapped_column(default=False)
    merge_after: Mapped[str | None]
    flows: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    max_rounds: Mapped[int | None]
    run_budget_usd: Mapped[float | None]
    models: Mapped[list[Any] | None]
    deleted_at: Mapped[datetime | None]
    find_text: Mapped[str] = mapped_column(default=_find_text_of_new, deferred=True)
    """Key and title in small letters, which the text filter of a list looks through; follows both by itself."""

    def last_round(self, rounds: int) -> int:
        """The round after which a person decides; `rounds` is its workflow's number."""
        return (self.max_rounds or rounds) + self.counted_from


# the pieces of a column in its order, and how many stand where, without a look at a row
sa.Index(
    "ix_tasks_board", Task.deleted_at, Task.stage, Task.priority.desc(), Task.position, Task.id, Task.project_id,
    Task.state, Task.workflow_id,
)  # fmt: skip


@event.listens_for(Task, "before_update")
def _follow_title(_mapper: Any, _connection: Any, task: Task) -> None:
    if sa.inspect(task).attrs.title.history.has_changes() or sa.inspect(task).attrs.key.history.has_changes():
        task.find_text = find_text(task.key, task.title)


class TaskDependency(Row):
    """`task_id` can't start before `blocked_by_id` is done."""

    __tablename__ = "task_dependencies"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), primary_key=True)
    blocked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), primary_key=True, index=True)


class Criterion(Numbered, Edited, Row):
    """One acceptance criterion. `met` is None until a run or a person looked.

    `how`: `proven` by a test or command that passed, `judged` by an agent, or `by_person`. `place` is where it shows:
    the test, or a line of the diff or of a report (`path:line`). `run_id` is the run that found it so.
    """

    __tablename__ = "criteria"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    check: Mapped[str] = mapped_column(default="")
    met: Mapped[bool | None]
    evidence: Mapped[str] = mapped_column(RedactedText, default="")
    how: Mapped[str | None]
    place: Mapped[str] = mapped_column(RedactedText, default="", server_default="")
    run_id: Mapped[str | None] = mapped_column(sa.ForeignKey("runs.id"))
    proof_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proofs.id"))


class Comment(Numbered, Edited, Row):
    """What a person or an agent said on a task.

    `feedback` is how a person's words to the agents stand, None for a plain comment: `waiting`, `told` (they lie with
    the job of `to_run_id`, which was live when they were said), `heard`. `heard_how`: `live` by a running agent, or
    with a `prompt`.
    """

    __tablename__ = "comments"
    __table_args__ = (
        sa.Index(
            "ix_comments_to_run_id", "to_run_id", sqlite_where=sa.text(_FOR_A_RUN), postgresql_where=sa.text(_FOR_A_RUN)
        ),
    )

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"), index=True)
    run_id: Mapped[str | None]
    author: Mapped[str]
    body: Mapped[str]
    deleted_at: Mapped[datetime | None]
    feedback: Mapped[str | None]
    to_run_id: Mapped[str | None]
    heard_at: Mapped[datetime | None]
    heard_run_id: Mapped[str | None]
    heard_how: Mapped[str | None]
