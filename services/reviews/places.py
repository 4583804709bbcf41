"""Where lines of a text are in a later version of it, and whether anything was changed there."""

from collections.abc import Sequence
from difflib import SequenceMatcher

MOST_COMPARED = 3_000  # lines between the first and the last change; beyond, the lines are looked for as they are


def lines_of(text: str) -> list[str]:
    return text.split("\n")


def where_now(old: Sequence[str], new: Sequence[str], first: int, last: int) -> int | None:
    """The number (from 1) that the line `first` has in `new`; None where one of the lines to `last` is not as it was,
    or something was put right before or behind them: that is about them too."""
    start, end = first - 1, last
    if not 0 <= start < end <= len(old):
        return None
    same = _common(old, new)
    if end < same or (end == same == len(old) == len(new)):
        return first
    tail = _common(old[same:][::-1], new[same:][::-1])
    if start > len(old) - tail:
        return first + len(new) - len(old)
    if max(len(old), len(new)) - same - tail > MOST_COMPARED:
        return _as_they_are(old, new, start, end)
    middle = SequenceMatcher(None, old[same : len(old) - tail], new[same : len(new) - tail], autojunk=False)
    moves = [(same + a, same + b, size) for a, b, size in middle.get_matching_blocks() if size]
    for a, b, size in [(0, 0, same), *moves, (len(old) - tail, len(new) - tail, tail)]:
        begins, ends = a < start or a == b == 0, end < a + size or (a + size == len(old) and b + size == len(new))
        if begins and ends and a <= start and end <= a + size:
            return b + start - a + 1
    return None


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number


def _as_they_are(old: Sequence[str], new: Sequence[str], start: int, end: int) -> int | None:
    wanted = list(old[start:end])
    found = [n for n in range(len(new) - len(wanted) + 1) if list(new[n : n + len(wanted)]) == wanted]
    return found[0] + 1 if len(found) == 1 else None
