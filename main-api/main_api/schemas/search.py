"""Search on the wire."""

from datetime import datetime
from typing import Literal

from main_api.schemas.shape import Out


class PieceOut(Out):
    """A part of a snippet; `match`: it is one of the words. Plain text: show it escaped."""

    text: str
    match: bool


class HitOut(Out):
    """A task, or a comment on it, that has the words."""

    kind: Literal["task", "comment"]
    project_id: int
    task_id: int
    key: str
    title: str
    stage: str
    state: str
    comment_id: int | None
    author: str | None
    at: datetime
    snippet: list[PieceOut]
