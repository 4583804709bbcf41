"""The board and the inbox on the wire."""

from datetime import datetime
from typing import Literal

from main_api.schemas.shape import Out
from main_api.schemas.task import TaskOut


class ColumnOut(Out):
    """One stage. `count` is of open tasks; `over` means it is above the WIP limit."""

    stage: str
    title: str
    role: str | None
    wip: int | None
    count: int
    over: bool
    by_state: dict[str, int]
    tasks: list[TaskOut]


class BoardOut(Out):
    """`seq` is the last event the board contains: follow `/ws/events?after=seq`."""

    seq: int
    columns: list[ColumnOut]


class InboxItem(Out):
    """One thing that waits for a person; `sentence` says what, `link` is where to look and act."""

    kind: Literal["approval", "plan", "task", "request"]
    id: int
    project_id: int
    task_id: int | None
    title: str
    reason: str
    sentence: str
    since: datetime
    link: str


class InboxOut(Out):
    count: int
    items: list[InboxItem]
