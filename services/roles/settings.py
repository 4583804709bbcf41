"""What a role's configuration says beside its words."""

from pydantic import BaseModel, ConfigDict, Field


class RoleLimits(BaseModel):
    """Of each step in which the role asks a model; None: what the stage or the hub says. Seconds and counts."""

    model_config = ConfigDict(extra="forbid")

    run_seconds: float | None = Field(default=None, gt=0, le=86_400)
    stall_seconds: float | None = Field(default=None, gt=0, le=86_400)
    model_turns: int | None = Field(default=None, ge=1, le=1_000)
    model_tokens: int | None = Field(default=None, ge=1, le=100_000_000, description="Of prompts and answers together")


class RoleSettings(BaseModel):
    """Kept as JSON in the role's row."""

    model_config = ConfigDict(extra="forbid")

    limits: RoleLimits = RoleLimits()
