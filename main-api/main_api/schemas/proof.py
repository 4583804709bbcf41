"""Proofs on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from main_api.schemas.shape import In, Out
from services.domain.proof_kinds import ProofKind

Words = Annotated[str, Field(max_length=2000, examples=["The till's own test run, by hand"])]


class ProofFields(In):
    """What the form of an upload says besides the file. With `run_id` it is that run's evidence, told by its role."""

    kind: ProofKind
    note: Words = ""
    run_id: str | None = Field(None, max_length=64)


class ProofOut(Out):
    """Evidence. `integrity` tells whether its file still has the hash it came with.

    `unchecked`: a large file that was not read for this list; `GET /proofs/{id}` reads it. `created_by` is `hub` for
    what a run's agent left, else the role of the run or the person that brought it.
    """

    id: int
    project_id: int
    task_id: int | None
    run_id: str | None
    step: str
    stage: str
    kind: str
    name: str
    sha256: str
    size: int
    media_type: str
    preview: str
    facts: dict[str, Any]
    note: str
    created_by: str
    created_at: datetime
    integrity: Literal["verified", "tampered", "missing", "unchecked"] = "unchecked"


class ProofHistoryOut(ProofOut):
    """A proof with where it came from. `newest`: no later one of its task has the same step and name.

    `criteria` are the ids of the acceptance criteria that rest on it.
    """

    task_key: str | None
    task_title: str | None
    round: int | None
    attempt: int | None
    run_state: str | None
    newest: bool
    criteria: list[int]


class ProofPreview(Out):
    """How a proof begins. `text` is set for text, `thumbnail` (an address) for pictures; `truncated`: there is more."""

    form: Literal["text", "picture", "none"]
    text: str | None = Field(examples=["2 passed in 0.03s"])
    thumbnail: str | None
    truncated: bool
    size: int


class ReportOut(Out):
    """`markdown` is a model's: show it without its HTML, pictures and links followed."""

    markdown: str
    proof_id: int
    run_id: str | None
    at: datetime
