"""In which order a person is asked: what has held up most work for longest comes first (docs/inbox.md)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Waits(Protocol):
    """What waits since `since`, with `behind` more tasks that can't begin before it is decided."""

    @property
    def since(self) -> datetime: ...

    @property
    def behind(self) -> int: ...

    @property
    def key(self) -> str: ...


W = TypeVar("W", bound=Waits)


def held_up(one: Waits, at: datetime) -> float:
    """Seconds of work that waited for this word until `at`: its own time, and that of each task behind it."""
    return max(0.0, (at - one.since).total_seconds()) * (1 + one.behind)


def ranked(items: Iterable[W], at: datetime) -> list[W]:
    """The most held up first; what is equal by age, then by name, so that the order never depends on chance."""
    return sorted(items, key=lambda one: (-held_up(one, at), one.since, one.key))
