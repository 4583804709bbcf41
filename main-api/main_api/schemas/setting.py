"""The hub's own settings on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from main_api.schemas.shape import In, Out, Version

SettingName = Literal[
    "default_model", "offline", "daily_budget_usd", "run_budget_usd", "auto_trigger_agents", "include_images",
    "vision_model",
]  # fmt: skip
Source = Literal["database", "environment", "default"]
Value = bool | float | str | None
ModelName = Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[a-z][a-z0-9_-]{0,31}/\S+$")]
Money = Annotated[float, Field(ge=0, le=1e12)]


class SettingOut(Out):
    """`value` holds now. It comes from the database where it was set there, else from the `variable` of the
    environment, which says `environment`. `effect`: what a change means for work in flight, in words."""

    name: SettingName
    value: Value
    source: Source
    environment: Value
    variable: str = Field(examples=["DEFAULT_MODEL"])
    effect: str


class SettingsOut(Out):
    version: int = Field(description="Of all of them together; 1 where nothing was ever set")
    settings: list[SettingOut]


class SettingsPatch(In):
    """Only what is sent changes. A budget of null means no limit, a vision model of null the first of VISION_MODELS;
    `reset` gives settings back to the environment."""

    version: Version
    default_model: ModelName = Field("", examples=["ollama/qwen2.5-coder:1.5b"])
    offline: bool = False
    daily_budget_usd: Money | None = Field(None, examples=[5.0])
    run_budget_usd: Money | None = Field(None, examples=[0.5])
    auto_trigger_agents: bool = True
    include_images: bool = True
    vision_model: ModelName | None = Field(None, examples=["ollama/moondream:1.8b"])
    reset: list[SettingName] = Field([], max_length=7, examples=[[]])

    @model_validator(mode="after")
    def _changes_something(self) -> "SettingsPatch":
        if not self.changes() and not self.reset:
            raise ValueError("name at least one setting to change or to reset besides version")
        return self

    def changes(self) -> dict[str, Value]:
        return {name: getattr(self, name) for name in self.model_fields_set - {"version", "reset"}}


class VersionOut(Out):
    """One change. `state` is all that was set after it; what is not in it was the environment's."""

    version: int
    created_at: datetime
    actor: str
    fields: list[str]
    state: dict[str, bool | int | float | str | None]


class UndoIn(In):
    version: Version
    undo: Version = Field(description="The version whose change is taken back", examples=[2])
