"""Who waits for whom: a graph without cycles."""

from collections.abc import Hashable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def find_cycle(blocked_by: Mapping[K, Iterable[K]]) -> list[K] | None:
    """The nodes of one cycle, first repeated last, or None where there is none."""
    try:
        TopologicalSorter({node: list(others) for node, others in blocked_by.items()}).prepare()
    except CycleError as error:
        cycle: list[K] = error.args[1]
        return list(reversed(cycle))
    return None
