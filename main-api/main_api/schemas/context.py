"""A task's context on the wire: what whoever works on it should know, and what they learned."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from main_api.schemas.attachment import AttachmentOut
from main_api.schemas.handoff import HandoffOut, RunId
from main_api.schemas.proof import ProofOut
from main_api.schemas.shape import In, Out
from main_api.schemas.task import CommentOut, CriterionOut
from services.notes.kinds import MOST_CHARACTERS, NoteKind

Points = Annotated[list[Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]], Field(max_length=50)]


class NoteOut(Out):
    """`kind` is note, decision, file or open; `author` the role of the run that said it, or a person."""

    id: int
    task_id: int
    run_id: str | None
    author: str
    kind: NoteKind
    text: str
    created_at: datetime


class UpdateContextIn(In):
    """What was learned: at least one of the four. With `run_id` it is that run's word."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decisions": ["Prices are whole cents"], "files": ["till/money.py"]}]}
    )

    notes: Points = Field([])
    decisions: Points = Field([])
    files: Points = Field([], description="Paths worth knowing, each with a word why")
    open_points: Points = Field([])
    run_id: RunId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "UpdateContextIn":
        if not self.said():
            raise ValueError("say at least one of notes, decisions, files and open_points")
        return self

    def said(self) -> list[tuple[NoteKind, str]]:
        told: tuple[tuple[NoteKind, list[str]], ...] = (
            ("note", self.notes), ("decision", self.decisions), ("file", self.files), ("open", self.open_points)
        )  # fmt: skip
        return [(kind, text) for kind, texts in told for text in texts]


class ContextUpdatedOut(Out):
    """`version` is how many notes the task has now; `added` are those that were new."""

    version: int
    added: list[NoteOut]


class RecentCommitOut(Out):
    sha: str
    subject: str


class GitContextOut(Out):
    """Null and empty before the task has a branch. `changed` since `base_sha`; `recent` are the base's newest commits,
    `recent_files` what they touched."""

    branch: str | None
    base_sha: str | None
    head_sha: str | None
    changed: list[str]
    recent: list[RecentCommitOut]
    recent_files: list[str]


class McpHintOut(Out):
    name: str = Field(examples=["playwright"])
    what: str


class EarlierOut(Out):
    """Older handoffs as the next agent is told of them: `as_told`, by a `model` and checked, or `mechanical`; empty
    without any. All of them: `GET /tasks/{id}/handoffs`."""

    text: str
    by: Literal["", "as_told", "mechanical", "model"]
    model: str
    handoffs: int


class ContextOut(Out):
    """Comments and proofs are the newest 10 and 20, oldest first; of notes the newest 40, newest first.

    `version` counts all notes. `mcp_hints` are the servers that the project's own `.mcp.json` names; the hub serves
    none itself.
    """

    task_id: int
    key: str
    title: str
    description: str
    stage: str
    role: str | None
    state: str
    round: int
    criteria: list[CriterionOut]
    attachments: list[AttachmentOut]
    comments: list[CommentOut]
    proofs: list[ProofOut]
    git: GitContextOut
    mcp_hints: list[McpHintOut]
    handoff: HandoffOut | None = Field(description="The last one")
    earlier: EarlierOut
    notes: list[NoteOut]
    version: int
    help: str = Field(examples=["/help/agents?task_id=1"])
