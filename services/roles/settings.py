"""What a role's configuration says beside its words."""

from pydantic import BaseModel, ConfigDict, Field


class RoleLimits(BaseModel):
    """Of each step in which the role asks a model; None: what the stage or the hub says. Seconds and counts."""

    model_config = ConfigDict(extra="forbid")

    run_seconds: float | None = Field(default=None, gt=0, le=86_400)
    stall_seconds: float | None = Field(default=None, gt=0, le=86_400)
    model_turns: int | None = Field(default=None, ge=1, le=1_000)
    model_tokens: int | None = Field(default=None, ge=1, le=100_000_000, description="Of prompts and answers together")


class RoleRights(BaseModel):
    """What its agents may make while they work on a task. What they make waits for a person."""

    model_config = ConfigDict(extra="forbid")

    create_tasks: bool = Field(default=False, description="Subtasks of the task they work on, in the backlog")
    create_bugs: bool = Field(default=True, description="Bugs of the project; findings in their reports count too")


class RoleSettings(BaseModel):
    """Kept as JSON in the role's row."""

    model_config = ConfigDict(extra="forbid")

    limits: RoleLimits = RoleLimits()
    rights: RoleRights = RoleRights()
