"""Agents on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from main_api.schemas.shape import Out
from services.contract.agent_standing import Ability, AiderStanding, CageStanding


class AgentJobOut(Out):
    """A job of an agent. `task_id` and what follows are null where it belongs to no run of a task: a request that is
    planned, or a call of a person's own tool."""

    run_id: str
    step: str
    executor: str
    model: str | None
    started_at: datetime
    held: str | None
    project_id: int | None = None
    task_id: int | None = None
    task_key: str | None = None
    task_title: str | None = None
    request_id: int | None = None
    stage: str | None = None
    role: str | None = None


class AgentOut(Out):
    """An agent-api process. `alive`: it answers; `late`: it missed a beat; `gone`: it has not answered for
    AGENT_GONE_SECONDS; `refused`: it does not take this hub's token. `seen_seconds_ago` is null where it has not
    answered since the hub started. What only the agent can tell is null while it does not."""

    name: str
    url: str
    state: Literal["alive", "late", "gone", "refused"]
    seen_seconds_ago: float | None
    sentence: str
    way_out: str
    limit: int = Field(description="Most runs that the hub gives it at once")
    runs: int = Field(description="Live runs that the hub gave it, also those between two steps")
    jobs: list[AgentJobOut]
    capacity: int | None = Field(description="Most jobs that it takes at once")
    host: str | None
    pid: int | None
    started_at: datetime | None
    seconds_up: float | None
    executors: list[Ability]
    tools: list[str]
    cage: CageStanding | None
    aider: AiderStanding | None
