"""In what order cards stand in a column, and how the next piece of one is found.

What is open comes first, the most urgent first; then what is done, the latest first.
"""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from main_api.refusals import CursorRefused
from services.domain.states import OPEN_TASK, TaskState
from services.store.models import Task

_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class OpenPlace:
    """After this open task."""

    priority: int
    position: float
    id: int


@dataclass(frozen=True)
class DonePlace:
    """After this task that is done."""

    updated_at: datetime
    id: int


Place = OpenPlace | DonePlace


def order(row: Any) -> tuple[Any, ...]:
    """The key by which rows are sorted: as the database does in `pieces`."""
    if row.state == TaskState.DONE:
        return (1, -row.updated_at.timestamp(), -row.id)
    return (0, -row.priority, row.position, row.id)


def pieces(stage: str, limit: int, after: Place | None, standing: Sequence[Any]) -> list[sa.Select[Any]]:
    """The ids of the first tasks at a stage after a place, of those that `standing` lets through: open, and done."""
    here = sa.select(Task.id).where(*standing, Task.stage == stage).limit(limit)
    found: list[sa.Select[Any]] = []
    if not isinstance(after, DonePlace):
        opened = here.where(Task.state.in_(OPEN_TASK))
        if after is not None:
            opened = opened.where(Task.priority <= after.priority, _beyond_open(after))
        found.append(opened.order_by(Task.priority.desc(), Task.position, Task.id))
    done = here.where(Task.state == TaskState.DONE)
    if isinstance(after, DonePlace):
        earlier = Task.updated_at < after.updated_at
        done = done.where(earlier | ((Task.updated_at == after.updated_at) & (Task.id < after.id)))
    found.append(done.order_by(Task.updated_at.desc(), Task.id.desc()))
    return found


def _beyond_open(after: OpenPlace) -> sa.ColumnElement[bool]:
    below = (Task.position == after.position) & (Task.id > after.id)
    return (Task.priority < after.priority) | (Task.position > after.position) | below


def write_place(row: Any) -> str:
    """The cursor after a row."""
    if row.state == TaskState.DONE:
        facts: list[Any] = ["done", row.updated_at.isoformat(), row.id]
    else:
        facts = ["open", row.priority, row.position, row.id]
    return base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")


def read_place(cursor: str) -> Place:
    """Raises CursorRefused for what `write_place` cannot have written."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        part, *facts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if part == "open":
            priority, position, number = facts
            return OpenPlace(_number(priority), _finite(position), _number(number))
        if part == "done":
            at, number = facts
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is not None:
                return DonePlace(moment, _number(number))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise _refused() from error
    raise _refused()


def _number(value: Any) -> int:
    if type(value) is not int or abs(value) > _MAX_ID:
        raise ValueError("not an id")
    return value


def _finite(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no place in a column")
    return float(value)


def _refused() -> CursorRefused:
    return CursorRefused(
        "This cursor can't be read.", "Send the column's `next` as it came, or start again without a cursor."
    )
