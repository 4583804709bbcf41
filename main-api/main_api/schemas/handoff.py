"""Handoffs on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator

from main_api.schemas.shape import In, Out

Stage = Annotated[str, Field(min_length=1, max_length=64, examples=["qa"])]
RunId = Annotated[str, Field(max_length=64, examples=["01960000-0000-7000-8000-000000000000"])]
Note = Annotated[str, Field(max_length=2000, examples=["The branch does not build."])]
MOST_DATA = 20_000  # characters


class HandoffIn(In):
    """From the stage of `from_run_id`, else `from_stage`, else the one where the task stands."""

    to_stage: Stage
    from_stage: Stage | None = None
    from_run_id: RunId | None = None
    summary: str = Field("", max_length=20_000, examples=["Written and tested; look at the rounding."])
    data: dict[str, Any] = Field({}, examples=[{"files": ["till/refunds.py"]}])

    @field_validator("data")
    @classmethod
    def _not_too_much(cls, data: dict[str, Any]) -> dict[str, Any]:
        if len(str(data)) > MOST_DATA:
            raise ValueError(f"{MOST_DATA} characters are the most")
        return data


class AcceptIn(In):
    run_id: RunId | None = Field(None, description="The run that took it up, when one did")


class CompleteIn(In):
    note: Note = ""


class FailIn(In):
    note: Annotated[Note, Field(min_length=1)]


class HandoffOut(Out):
    """`created_by`, `accepted_by` and `finished_by` are `hub` or null where runs did it; `note` says how it ended."""

    id: int
    task_id: int
    from_run_id: str | None
    to_run_id: str | None
    from_stage: str
    to_stage: str
    state: str
    summary: str
    data: dict[str, Any]
    note: str
    created_by: str
    created_at: datetime
    accepted_by: str | None
    accepted_at: datetime | None
    finished_by: str | None
    finished_at: datetime | None


class HandoffMoment(Out):
    """One move of a handoff: into which state, when, by whom, in which run."""

    state: str
    at: datetime
    by: str
    run_id: str | None
    note: str
