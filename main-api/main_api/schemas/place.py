"""Where projects stand, and what becomes of them, on the wire."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from main_api.schemas.project import Branch
from main_api.schemas.shape import In, Out, Version

Folder = Annotated[
    str, Field(min_length=1, max_length=4_000, examples=["poc"], description="Absolute, or under WORKSPACES_DIR")
]


class PreviewIn(In):
    workspace_path: Folder


class NeighbourOut(Out):
    """A project that has this workspace already."""

    id: int
    key: str
    name: str


class PreviewOut(Out):
    """`settings` are what a project of it would get: commands, setup, and under `discovered` what was found. `will` are
    sentences of what making the project does to the folder."""

    workspace_path: Path
    exists: bool
    repository: bool
    branch: str | None
    dirty_count: int = Field(description="Files that are not committed; making the project wants `allow_dirty` then")
    dirty: list[str]
    will: list[str]
    settings: dict[str, Any]
    projects: list[NeighbourOut] = Field([])


class RunOutline(Out):
    id: str
    task_key: str | None
    stage: str
    state: str


class RemovalOut(Out):
    """What a project holds, and what becomes of it when it is archived or deleted, as sentences."""

    running: list[RunOutline] = Field(description="Archiving and deleting want `force` for them, which kills them")
    open_tasks: int
    waiting: int = Field(description="What waits for a person")
    tasks: int
    runs: int
    branches: list[str] = Field(description="Branches of tasks in the hub's copy that are not merged")
    worktrees: int
    archive: list[str]
    delete: list[str]


class SwitchIn(In):
    """`default_branch` left out is the project's own."""

    workspace_path: Folder
    default_branch: Branch | None = None


class SwitchNowIn(SwitchIn):
    version: Version
    allow_dirty: bool = Field(False, description="Take a folder that has uncommitted changes")
    other_repository: bool = Field(False, description="A repository with another history is meant")


class SwitchOut(Out):
    """`kinship`: `same` repository with all that the hub has seen, the same but `apart`, an `other` one, or `unknown`.
    `needs_word`: switching wants `other_repository`."""

    workspace_path: Path
    branch: str
    kinship: Literal["same", "apart", "other", "unknown"]
    needs_word: bool
    dirty: list[str]
    sentences: list[str]


class CloneIn(In):
    url: str = Field(
        min_length=1, max_length=2_000, examples=["https://git.example/till.git"],
        description="https, ssh (`git@host:name.git` too) or file; without a password in it",
    )  # fmt: skip
    workspace_path: Folder | None = Field(
        None, description="A folder that is not there yet, or empty; left out, the repository's name in WORKSPACES_DIR"
    )
    branch: Branch | None = Field(None, description="To check out; the repository's own default when left out")


class CloneFault(Out):
    code: str = Field(examples=["clone_failed"])
    sentence: str
    way_out: str
    reason: str = Field(description="auth, missing, unreachable, untrusted, branch, large, slow or failed; or empty")


class CloneOut(Out):
    """`phase` and `percent` are git's own; `bytes` is what has come. `done`: a project can be made of
    `workspace_path`. Else nothing of it is left."""

    id: int
    url: str
    workspace_path: str
    branch: str | None
    state: Literal["running", "done", "failed", "cancelled"]
    phase: str
    percent: int | None
    bytes: int
    fault: CloneFault | None
    began_at: datetime
    finished_at: datetime | None
