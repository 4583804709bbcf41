"""The hub's health on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from main_api.schemas.shape import Out

Status = Literal["well", "unwell", "unknown", "off"]


class PartOut(Out):
    """`off` means that it is not used, `unknown` that nobody can tell. `latency_ms` is how long the look took."""

    kind: Literal["database", "engine", "agent", "model", "answers", "disk", "notices", "containers"]
    name: str = Field(examples=["agent-api"])
    status: Status
    latency_ms: float = Field(examples=[4.2])
    sentence: str = Field(examples=["0 of 4 jobs running; cage: bubblewrap, landlock."])
    way_out: str = Field(description="What a person can do; empty when it is well", examples=[""])
    facts: dict[str, Any] = Field(examples=[{"jobs_running": 0, "capacity": 4}])


class FullHealthOut(Out):
    """`unwell` where one part is, else `unknown` where one is, else `well`."""

    status: Status
    sentence: str = Field(examples=["All is well."])
    version: str
    checked_at: datetime
    parts: list[PartOut]
