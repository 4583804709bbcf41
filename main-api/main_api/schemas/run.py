"""Runs, proofs and approvals on the wire."""

from datetime import datetime
from typing import Any

from pydantic import field_validator

from main_api.schemas.shape import Out


class RunOut(Out):
    """One attempt. `result` is pass, fail or blocked; `cost` is in US dollars; `details` has its steps."""

    id: str
    project_id: int
    task_id: int | None
    request_id: int | None
    stage: str
    role: str | None
    attempt: int
    round: int
    state: str
    agent: str | None
    cwd: str | None
    base_sha: str | None
    checkpoint_sha: str | None
    head_sha: str | None
    queued_at: datetime
    started_at: datetime | None
    job_started_at: datetime | None
    finished_at: datetime | None
    result: str | None
    reason: str
    summary: str
    details: dict[str, Any]
    files_touched: list[str]
    tokens_in: int
    tokens_out: int
    cost: float
    model: str | None

    @field_validator("details")
    @classmethod
    def _without_the_prompt(cls, details: dict[str, Any]) -> dict[str, Any]:
        """What the run was told is long, and not needed in a list."""
        return {name: value for name, value in details.items() if name != "place"}


class OutputOut(Out):
    """A piece of a run's output. Ask again with `after=last_seq`; `steps` lists those that have any."""

    run_id: str
    step: str | None
    steps: list[str]
    events: list[dict[str, Any]]
    last_seq: int


class ProofOut(Out):
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
    created_at: datetime


class ApprovalOut(Out):
    """Binds to the change's `patch_id`: a real change to the branch voids it."""

    id: int
    project_id: int
    task_id: int
    stage: str
    state: str
    patch_id: str | None
    base_sha: str | None
    head_sha: str | None
    diff_stat: dict[str, Any]
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str
