"""Requests and plans on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from main_api.schemas.model_choice import Models
from main_api.schemas.shape import Id, In, Out


class RequestIn(In):
    project_id: Id
    text: str = Field(examples=["Receipts should show the total in words."])
    kind: Literal["idea", "bug", "infrastructure"] = "idea"
    models: Models | None = Field(None, description="For its planning and its tasks; null: as each role says")


class RequestOut(Out):
    """`sentence` says what stands in the way, when something does."""

    id: int
    project_id: int
    kind: str
    text: str
    state: str
    sentence: str
    run_id: str | None
    models: Models | None
    version: int
    created_at: datetime
    updated_at: datetime


class RequestDetail(RequestOut):
    plan_ids: list[int] = Field(description="Its plans, the newest last")


class PlanOut(Out):
    """`body` holds the drafted tasks, with criteria and dependencies; `faults` what code found wrong with them."""

    id: int
    project_id: int
    request_id: int
    run_id: str | None
    number: int
    state: str
    summary: str
    body: dict[str, Any]
    faults: list[str]
    feedback: str
    version: int
    created_at: datetime
    decided_at: datetime | None


Words = Annotated[str, Field(max_length=20_000, examples=["As agreed by phone."])]


class FeedbackIn(In):
    feedback: Annotated[Words, Field(min_length=1, examples=["Split the second task."])]


class NoteIn(In):
    note: Words = ""


class ChangesIn(In):
    note: Annotated[Words, Field(min_length=1, examples=["Keep the old name as an alias."])]


class PlanTriggerIn(In):
    max_rounds: int | None = Field(
        None,
        ge=1,
        le=50,
        examples=[4],
        description="After this many failures of a task a person decides; else the workflow's number",
    )


class PlanTaskProgress(Out):
    id: int
    key: str
    title: str
    stage: str
    state: str
    waiting_reason: str | None
    waiting_sentence: str


class PlanProgress(Out):
    """How far a plan is. `share` is done tasks over those not cancelled, 0 to 1."""

    plan_id: int
    state: str
    total: int
    by_state: dict[str, int]
    by_stage: dict[str, int]
    share: float
    tasks: list[PlanTaskProgress]
