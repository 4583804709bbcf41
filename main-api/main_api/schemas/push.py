"""A merge on its way to a remote, on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from main_api.schemas.shape import Out


class PushOut(Out):
    """Queued, it is tried at `next_at`, and `sentence` says what the last try met. Refused, it waits for you."""

    id: int
    project_id: int
    task_id: int | None
    remote: str
    branch: str
    commit: str
    state: Literal["queued", "pushed", "refused"]
    attempts: int
    next_at: datetime | None
    sentence: str = Field(examples=["origin can't be reached: Could not resolve host. It is tried again by itself."])
    created_at: datetime
    finished_at: datetime | None
