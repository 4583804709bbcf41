"""Ordered choices of models on the wire, the calls a run made, and why another model did them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from main_api.schemas.shape import In, Out
from services.models.policy import Complexity, Size

Name = Annotated[str, Field(max_length=200, examples=["ollama/qwen2.5-coder:1.5b"])]


class ModelFor(In):
    """A model that is meant for some work only: by what a plan says of it. Left out, it is for all."""

    model: Name
    complexity: list[Complexity] = Field([], examples=[["simple"]])
    size: list[Size] = Field([], examples=[["S", "M"]])


Models = Annotated[
    list[Name | ModelFor],
    Field(
        description="Models in their order: the first is asked, the others stand in where it fails, is too dear, or is "
        "not meant for such work",
        examples=[[{"model": "ollama/qwen2.5-coder:1.5b", "complexity": ["simple"]}, "ollama/qwen2.5-coder:7b"]],
    ),
]


class ModelDecisionOut(Out):
    """In a step `taken` was asked in place of `wanted`, `times` over; the sentence says why."""

    created_at: datetime
    last_at: datetime
    step: str
    wanted: str
    taken: str
    reason: Literal["failure", "budget", "context", "complexity", "offline"]
    code: str = Field(description="Of the error, where there was one")
    sentence: str
    times: int


class ModelCallOut(Out):
    """One call of a model. `outcome` is open, answered, replayed (from the store), failed, refused or abandoned."""

    id: int
    created_at: datetime
    finished_at: datetime | None
    step: str
    model: str
    provider: str
    path: str
    outcome: str
    status_code: int | None
    error: str
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost: float = Field(description="US dollars")
    estimated: bool
    first_byte_ms: float | None
    duration_ms: float | None
    tokens_per_second: float | None
