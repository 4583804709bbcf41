"""RunEvent: what a job says while it runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from services.contract.run_spec import Wire

EventKind = Literal[
    "started",
    "output",
    "thought",
    "tool_call",
    "tool_result",
    "edit",
    "tests",
    "model_turn",
    "asked",
    "heard",
    "notice",
    "finished",
]


class RunEvent(Wire):
    """One line of a job's stream. `seq` counts from 1 without gaps within a job, over all its incarnations."""

    seq: int
    at: datetime
    kind: EventKind
    text: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
