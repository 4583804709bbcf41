"""Events on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from main_api.schemas.shape import Out


class EventOut(Out):
    """One fact. `seq` grows in commit order: go on after the last one you saw."""

    seq: int
    at: datetime
    actor: str
    kind: str
    project_id: int | None = None
    task_id: int | None = None
    run_id: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
