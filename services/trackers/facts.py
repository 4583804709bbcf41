"""What a tracker tells, in the hub's words. Every id is the tracker's own, opaque text; times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list, and the tracker's own token for what follows; None: that was all."""

    rows: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class OutsideUser:
    id: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class OutsideProject:
    """`space` is what it lies in: a workspace, an organisation, a team; empty where the tracker has none."""

    id: str
    name: str
    space: str = ""
    url: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class OutsideField:
    """A field that the people there made up, as it is shown there."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class OutsideTask:
    """One of their tasks. `text` is plain text or Markdown. `state` is what they call it, `done` what it means.

    `blocked_by` are the tasks it waits for; `subtasks` says how many it has, None where the tracker does not tell.
    """

    id: str
    title: str
    text: str = ""
    url: str = ""
    state: str = ""
    done: bool = False
    parent: str | None = None
    blocked_by: tuple[str, ...] = ()
    assignee: str = ""
    due: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[OutsideField, ...] = ()
    subtasks: int | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutsideComment:
    id: str
    author: str
    text: str
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """`size` is in bytes, None where the tracker does not say. `kept_there`: the tracker gives its bytes; else it is a
    link to somebody else's place (`url`)."""

    id: str
    name: str
    size: int | None = None
    url: str = ""
    kept_there: bool = True
