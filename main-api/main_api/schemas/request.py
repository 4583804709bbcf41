"""Requests and plans on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, computed_field

from main_api.schemas.attachment import AttachmentOut
from main_api.schemas.model_choice import Models
from main_api.schemas.shape import Id, In, Out, Patch, Version
from services.plans.drafts import TaskDraft, answer_of

Kind = Literal["idea", "bug", "change"]
VisionModel = Annotated[
    str | None,
    Field(max_length=200, description="Of `vision_models` in GET /requests/limits: who describes its pictures",
          examples=["ollama/moondream:1.8b"]),
]  # fmt: skip


class RequestIn(In):
    """`change` is one of the infrastructure: settings, pipelines, machines."""

    project_id: Id
    text: str = Field(examples=["Receipts should show the total in words."])
    kind: Kind = "idea"
    single: bool = Field(False, description="Answer with one task")
    models: Models | None = Field(None, description="For its planning and its tasks; null: as each role says")
    vision_model: VisionModel = None


class RequestOut(Out):
    """`sentence` says what stands in the way, when something does."""

    id: int
    project_id: int
    kind: str
    text: str
    single: bool
    state: str
    sentence: str
    run_id: str | None
    models: Models | None
    vision_model: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class RequestDetail(RequestOut):
    plan_ids: list[int] = Field(description="Its plans, the newest last")
    attachments: list[AttachmentOut]


class RequestFields(In):
    """What the form of a request with files says besides them."""

    project_id: Id
    text: str = Field(examples=["The total on the receipt is wrong, see the picture."])
    kind: Kind = "idea"
    single: bool = False
    vision_model: VisionModel = None


class RequestLimitsOut(Out):
    """What a request may hold. Sizes are bytes: of a file, and of all that come with one request. `vision_models` may
    be shown its pictures, the first of them where nobody chooses."""

    kinds: list[str]
    text_characters: int
    files: int
    file_bytes: int
    bytes: int
    vision_models: list[str]


class PlanOut(Out):
    """`body` holds the drafted tasks, with criteria and dependencies; `faults` what code found wrong with them.

    `answer` says in a word what it is: several tasks (`plan`), one (`task`), or one that ends in a report (`report`).
    `minutes_measured` is what done tasks of this project took, of the same sizes; null where there are none yet.
    """

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
    minutes_measured: int | None
    version: int
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    replaces_id: int | None = Field(description="The approved plan whose rest, begun by nobody, it plans anew")

    @computed_field
    @property
    def answer(self) -> Literal["plan", "task", "report"]:
        return answer_of(self.body)


Sentences = Annotated[list[Annotated[str, Field(max_length=5_000)]], Field(max_length=100)]


class PlanPatch(Patch):
    """`tasks` are all of them, in their order: one that is left out is dropped."""

    summary: str = Field("", min_length=1, max_length=5_000)
    complexity: Literal["simple", "medium", "complex"] = "medium"
    estimated_minutes: int = Field(30, ge=1, le=1_000_000)
    questions: Sentences = Field(default_factory=list)
    risks: Sentences = Field(default_factory=list)
    tasks: list[TaskDraft] = Field(
        default_factory=list[TaskDraft],
        max_length=1_000,
        examples=[
            [
                {
                    "id": "words",
                    "title": "Say the total in words",
                    "description": "",
                    "criteria": [{"text": "42 is forty-two", "check": "tests/test_words.py::test_forty_two"}],
                }
            ]
        ],
    )

    def changes(self) -> dict[str, object]:
        return self.model_dump(mode="json", include=self.model_fields_set - {"version"})


class PlanApproveIn(In):
    version: Version | None = Field(None, description="The one you read; refused with 409 when it has changed since")


class PlanRevisionOut(Out):
    """What the plan said until a person edited it. `actor` wrote it, `version` was the plan's then."""

    version: int
    actor: str
    body: dict[str, Any]
    created_at: datetime


class FieldChangeOut(Out):
    field: str
    before: Any
    after: Any


class TaskChangeOut(Out):
    id: str
    title: str
    fields: list[FieldChangeOut]


class PlanDiff(Out):
    """What the plan says now that the other did not. `against` says in words what it was compared with."""

    against: str
    fields: list[FieldChangeOut]
    added: list[TaskDraft]
    dropped: list[TaskDraft]
    changed: list[TaskChangeOut]
    reordered: bool


Words = Annotated[str, Field(max_length=20_000, examples=["As agreed by phone."])]


class FeedbackIn(In):
    feedback: Annotated[Words, Field(min_length=1, examples=["Split the second task."])]


class ReplanIn(In):
    reason: Annotated[Words, Field(min_length=1, examples=["The export is wanted as JSON by now."])]


class NoteIn(In):
    note: Words = ""


PatchId = Annotated[str | None, Field(max_length=64, description="Of the change you looked at", examples=["9f2c4e1d"])]


class WordIn(NoteIn):
    patch_id: PatchId = None


class ChangesIn(In):
    patch_id: PatchId = None
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
    """How far a plan is. `share` is done tasks over those not cancelled, 0 to 1.

    `seconds_worked` are its runs' together, `cost` is in US dollars. `minutes_left` goes by its own pace since the
    approval: null until a task is done, and when all are. `estimated_minutes` is the PM's word; `minutes_measured` and
    `cost_estimated` go by what done tasks of this project took, of the same sizes: null where there are none yet.
    """

    plan_id: int
    state: str
    total: int
    by_state: dict[str, int]
    by_stage: dict[str, int]
    share: float
    estimated_minutes: int | None
    minutes_measured: int | None
    cost_estimated: float | None
    minutes_left: float | None
    seconds_worked: float
    tokens: int
    cost: float
    tasks: list[PlanTaskProgress]
