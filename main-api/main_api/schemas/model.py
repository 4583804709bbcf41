"""Models that there are, what they take, and what is done with them, on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from main_api.schemas.model_choice import ModelCallOut
from main_api.schemas.model_profile import KnownProfile, ModelName
from main_api.schemas.shape import In, Out
from services.models.policy import Complexity, Size

JobKind = Literal["pull", "bench", "probe"]
JobState = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


class GraphicsCardOut(Out):
    """The graphics card, as the settings say it. `usable` is what is left of it beside a desktop; bytes."""

    bytes: int
    usable: int
    kv_type: str
    parallel: int


class FitOut(Out):
    """What a model takes with this context, in bytes: `total` is weights, cache, compute buffers and the driver."""

    context: int
    kv_type: str
    weights: int
    kv: int
    compute: int
    driver: int
    total: int
    usable: int
    fits: bool


class LoadedOut(Out):
    """In memory now. `card_bytes` of its bytes are on the card; `until`: when it goes, unless it is asked."""

    bytes: int
    card_bytes: int
    context: int | None
    until: datetime | None


class ModelOut(Out):
    """A model that a provider has. `fit` is for the context that runs get (or the one that was asked for),
    `largest_context` the largest that fits, null where none does; both null where `fit_fault` says why."""

    name: str = Field(examples=["ollama/qwen2.5-coder:1.5b"])
    bytes: int
    modified_at: datetime | None
    parameters: str
    quantization: str
    family: str
    loaded: LoadedOut | None
    profile: KnownProfile
    known_from: Literal["packaged", "probe", "person", "setting"]
    fit: FitOut | None
    largest_context: int | None
    fit_fault: str


class ProviderModelsOut(Out):
    """`answers`: it was asked now; where not, `sentence` and `way_out` say why. `fetches`: models can be fetched and
    removed here. `own`: on your own machines; only such ones are measured and tried out from here."""

    name: str
    own: bool
    answers: bool
    fetches: bool
    scripted: bool
    sentence: str
    way_out: str
    models: list[ModelOut]


class ModelsOut(Out):
    card: GraphicsCardOut
    offline: bool
    default_model: str
    providers: list[ProviderModelsOut]


class ChosenOut(Out):
    """One model of an order, and the work it is for; empty means all. `known`: its provider is set up here."""

    model: str
    complexity: list[Complexity]
    size: list[Size]
    known: bool


class RoleModelsOut(Out):
    """The models of a role in their order, and who says so. The first is asked, the others stand in."""

    role: str
    title: str
    models: list[ChosenOut]
    said_by: Literal["project", "role", "project_default", "hub"]


class ModelJobIn(In):
    """`runs`: how often a loaded model is asked, of a bench."""

    kind: JobKind = Field(examples=["probe"])
    model: ModelName
    runs: int = Field(3, ge=1, le=50)


class ModelJobOut(Out):
    """`progress`: `words`; of a pull `bytes` of `total`, `bytes_per_second`, `seconds_left`. `result`: of a bench
    `warm` and `cold`, of a probe what was seen. An interrupted or cancelled pull that is asked for again goes on."""

    id: int
    kind: JobKind
    model: str
    state: JobState
    options: dict[str, Any]
    progress: dict[str, Any]
    result: dict[str, Any] | None
    sentence: str
    way_out: str
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TrafficOut(ModelCallOut):
    """A call of a model, by a run or (`run_id` null) by another tool of yours."""

    run_id: str | None
    project_id: int | None
    task_id: int | None
    task_key: str | None
    role: str | None
    protocol: str
    streamed: bool


class TrafficDetail(TrafficOut):
    """With its question and its answer as they were kept: without secrets, long ones without their middle. Null, with
    `not_kept` saying why, where the log has them no more."""

    request: str | None
    request_bytes: int | None
    response: str | None
    response_bytes: int | None
    not_kept: str


class TrafficTotals(Out):
    """Of all calls that the filters let through. `cost` is in US dollars, `seconds` what they took together."""

    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    cost: float
    seconds: float
