"""Runs and approvals on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from main_api.schemas.model_choice import ModelDecisionOut
from main_api.schemas.shape import Id, In, Out
from main_api.schemas.task import Markdown, TriggerIn
from services.domain.pauses import Held


class PromptOut(Out):
    """What a step's model was told, in tokens, and the room there was in its context. `left_out` names what did not
    fit: sections, files, the rest of a long guide. `counted_by` is tokenizer, the model's own, or estimate.
    The role and the principles of all roles stood at these versions."""

    step: str
    tokens: int
    room: int
    counted_by: str
    left_out: list[str]
    role: str | None = None
    role_version: int | None = None
    principles_version: int | None = None


class RunOut(Out):
    """One attempt. A queued run waits for its turn; `stopping`: it was cancelled, its agent may still be at work.
    `result` is pass, fail or blocked; `cost` and `budget_usd` are in US dollars; `details` has its steps. `resumed`
    counts how often it waited for money and went on. `paused_at`: a person paused this run by itself; `held`: it stands
    still since `held_at`, for that or another pause (`GET /pause`)."""

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
    stopping: bool
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
    budget_usd: float | None
    resumed: int
    paused_at: datetime | None
    paused_by: str | None
    held: Held | None
    held_at: datetime | None
    paused_seconds: float = Field(description="How long it stood still before, which no limit counts")
    prompts: list[PromptOut]
    tokens_in: int
    tokens_out: int
    cost: float
    model: str | None

    @field_validator("details")
    @classmethod
    def _without_the_prompt(cls, details: dict[str, Any]) -> dict[str, Any]:
        """What the run was told is long, and not needed in a list."""
        return {name: value for name, value in details.items() if name != "place"}


class RunRow(RunOut):
    """A run of a list, with its task."""

    task_key: str | None
    task_title: str | None


class RuleOut(Out):
    """One rule of a gate. A failed one that a person let pass has `overridden_by` and their `note`."""

    rule: str = Field(examples=["commands_pass"])
    passed: bool
    reason: str = Field(description="Why it failed; what a person settled before", examples=["The test t::b fails"])
    expected: str
    measured: str
    proof_id: int | None
    overridden_by: str | None
    overridden_at: datetime | None
    note: str


class GateOut(Out):
    """What the gate of a task's newest judged run said. `can_override`: a failed one may be let pass by
    `POST /runs/{run_id}/gate/override`; `why_not` says why it may not."""

    run_id: str
    stage: str
    title: str
    passed: bool
    overridden: bool
    can_override: bool
    why_not: str
    goes_to: str = Field(description="The stage after it")
    rules: list[RuleOut]


class OverrideIn(In):
    note: Markdown = Field(
        min_length=1, max_length=2_000, examples=["The flaky test is known; it is no doing of this change."],
        description="Why it may pass; kept beside what was measured",
    )  # fmt: skip


class RunDetail(RunOut):
    """`gate` has what each rule measured, in the gate's order; empty before the gate was asked. `models` are those
    it may use, in their order, where there are several; `model_decisions` say when and why
    another one than the wanted one was asked."""

    gate: list[RuleOut]
    models: list[str] | None
    model_decisions: list[ModelDecisionOut]


class OutputOut(Out):
    """A piece of a run's output. Ask again with `after=last_seq`; `steps` lists those that have any."""

    run_id: str
    step: str | None
    steps: list[str]
    events: list[dict[str, Any]]
    last_seq: int


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


class RunIn(TriggerIn):
    """A task to start: as `POST /tasks/{id}/trigger`, the task being named in the body."""

    task_id: Id
    agent: str | None = Field(
        None, min_length=1, max_length=100, examples=["my-agent"],
        description="Who does the work, when it is none of the hub's: the run is theirs, and PATCH ends it",
    )  # fmt: skip


class RunPatch(In):
    """What may be said of a run that no orchestrator carries. `result` ends it, and moves its task."""

    summary: Markdown | None = Field(None, max_length=5_000, examples=["Done by hand; see the branch."])
    result: Literal["pass", "fail", "blocked"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "RunPatch":
        if self.summary is None and self.result is None:
            raise ValueError("say summary, result, or both")
        return self


class SarifOut(Out):
    """A SARIF 2.1.0 log: one run for each tool, with its rules and results."""

    schema_uri: str = Field(alias="$schema", examples=["https://json.schemastore.org/sarif-2.1.0.json"])
    version: str = Field(examples=["2.1.0"])
    runs: list[dict[str, Any]] = Field(examples=[[{"tool": {"driver": {"name": "bandit"}}, "results": []}]])
