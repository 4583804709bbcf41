"""What is known of models, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from main_api.schemas.shape import In, Out
from services.models.profile_fields import NAME, ProfileFields

ModelName = Annotated[str, Field(max_length=200, pattern=NAME, examples=["ollama/qwen2.5-coder:1.5b"])]
Source = Literal["probe", "person"]


class ModelProfileIn(In):
    """`fields` replaces what was stored of the model; a field that is left out is what the hub's own list says."""

    name: ModelName
    fields: ProfileFields
    source: Source = "person"


class KnownProfile(Out):
    """What runs and the gateway go by: packaged, stored over it, and MODEL_PROFILES over that. Null: nobody knows."""

    edit_format: str = Field(examples=["whole"])
    context_tokens: int = Field(examples=[16_384])
    max_output_tokens: int = Field(examples=[2048])
    local: bool
    licence: str
    tools: bool | None
    vision: bool | None
    json_schema: bool | None
    kv_type: str


class ModelProfileOut(Out):
    """What is stored of a model, and what it comes to."""

    name: ModelName
    fields: ProfileFields
    source: Source
    updated_at: datetime
    profile: KnownProfile
