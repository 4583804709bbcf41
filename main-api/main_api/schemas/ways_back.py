"""Undoing, rolling back and recovering on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from main_api.schemas.shape import In, Out
from main_api.schemas.task import FileChangeOut, TaskOut

Sha = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$", examples=["0" * 40])]
Kind = Literal["undo_merge", "rollback", "recover"]


class WayBackIn(In):
    dry_run: bool = Field(False, description="Only say what would change", examples=[True])
    force: bool = Field(False, description="Kill the task's live run first")
    note: str = Field("", max_length=2_000, description="Why; kept with it", examples=["It broke the till."])
    expected: Sha | None = Field(
        None, description="The `before` of a dry run: refused where the branch has moved since", examples=[None]
    )


class RollbackIn(WayBackIn):
    run_id: str = Field(
        min_length=1, max_length=64, description="The run before which it shall be as it was",
        examples=["01999999-0000-7000-8000-000000000000"],
    )  # fmt: skip


class RecoverIn(WayBackIn):
    ref: str | None = Field(
        None, max_length=300, examples=["refs/heads/wfhub/POC-12-1"],
        description="One of `kept`, or a checkpoint's; left out: the undone merge's change, else the newest",
    )  # fmt: skip


class TouchedCommitOut(Out):
    sha: str
    at: datetime
    author: str
    subject: str


class BlockedOut(Out):
    """Why it can't be done now."""

    code: str = Field(examples=["merge_waits"])
    sentence: str
    way_out: str
    files: list[str] = Field(description="That are in the way")


class WayBackOut(Out):
    """`branch` goes from `before` to `after`, which changes `files`; `commits` are taken back, dropped or found again.
    Done, `task` is how it stands now. What the branch held stays reachable: see `GET /tasks/{task_id}/checkpoints`."""

    kind: Kind
    dry_run: bool
    sentence: str
    branch: str
    before: str | None
    after: str = Field(description="In a dry run of an undoing the files are those, the commit will be another")
    files: list[FileChangeOut]
    added: int
    removed: int
    patch: str = Field(description="Cut at 200,000 characters")
    commits: list[TouchedCommitOut] = Field(description="The newest 100")
    uncommitted: list[str] = Field(description="Files of its worktree that are put aside under a ref")
    blocked: BlockedOut | None
    task: TaskOut


class CheckpointOut(Out):
    run_id: str
    stage: str
    role: str | None
    round: int
    at: datetime = Field(description="When the run was queued")
    state: str = Field(description="The run's")
    branch: str
    sha: str
    ref: str
    current: bool = Field(description="Of the branch it works on: it can be rolled back there; others are recovered")


class KeptOut(Out):
    ref: str
    sha: str
    at: datetime
    subject: str


class WayTakenOut(Out):
    id: int
    kind: Kind
    state: Literal["begun", "done", "refused"]
    actor: str
    note: str
    branch: str
    before: str | None
    after: str | None
    sentence: str
    created_at: datetime
    finished_at: datetime | None


class WaysBackOut(Out):
    """All that the task can go back to, and what was done of it."""

    branch: str | None
    undoable: bool = Field(description="It is merged, and its merge can be undone unless git finds a reason")
    checkpoints: list[CheckpointOut]
    kept: list[KeptOut] = Field(description="Its branches, and what was kept of them or found uncommitted")
    taken: list[WayTakenOut]
