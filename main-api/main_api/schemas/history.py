"""The history on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from main_api.schemas.shape import Out


class FactOut(Out):
    """One thing that happened. `before` and `after` are the fields that it changed: null for what was not there before,
    or is no more. `about` is what else the event tells: keys, titles, notes."""

    seq: int
    at: datetime
    who: str = Field(examples=["person"], description="person, hub, or a role such as dev")
    kind: str = Field(examples=["approval.approved"])
    project_id: int | None
    task_id: int | None
    run_id: str | None
    before: dict[str, Any] | None = Field(examples=[{"state": "asked"}])
    after: dict[str, Any] | None = Field(examples=[{"state": "approved"}])
    about: dict[str, Any]


class HistoryOut(Out):
    """The newest first. `next` is what to send as `before` for those that are older; null where there are none."""

    items: list[FactOut]
    next: int | None
