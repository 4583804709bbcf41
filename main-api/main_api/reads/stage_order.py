"""One order for the stages of several workflows."""

from collections.abc import Sequence
from itertools import pairwise


def in_one_order(workflows: Sequence[Sequence[str]]) -> list[str]:
    """Each stage once, behind those that some workflow has before it; else as they are met first.

    Where two workflows contradict each other, the one that is met first is right.
    """
    left = list(dict.fromkeys(name for names in workflows for name in names))
    pairs = {pair for names in workflows for pair in pairwise(names)}
    before = {name: {first for first, then in pairs if then == name} for name in left}
    order = list[str]()
    while left:
        free = (name for name in left if before[name].isdisjoint(left))
        order.append(next(free, left[0]))
        left.remove(order[-1])
    return order
