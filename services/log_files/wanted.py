"""Which lines are asked for: by level, and by words in them."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from services.log_files.line import LEVELS, Level, Line

_SIGNS: dict[Level, tuple[str, ...]] = {
    "debug": ("debug",), "info": ("info", "answered"), "warning": ("warn", "abandoned"),
    "error": ("error", "critical", "fatal", "exception", "failed"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """`levels` empty means all. `text` is found whatever its case, as it is written in the line."""

    levels: frozenset[Level] = frozenset()
    text: str = ""

    @property
    def everything(self) -> bool:
        return self._levels == frozenset(LEVELS) and not self.text

    @cached_property
    def _levels(self) -> Collection[Level]:
        return self.levels or frozenset(LEVELS)

    @cached_property
    def _raw(self) -> re.Pattern[bytes] | None:
        """What stands in every line that is wanted, and in few others: a fast look before a careful one."""
        if self.text:
            return re.compile(b"|".join(sorted(map(re.escape, _forms(self.text)), reverse=True)), re.IGNORECASE)
        if self._levels == frozenset(LEVELS) or "other" in self._levels:
            return None
        words = [word for level in self._levels for word in _SIGNS[level]]
        return re.compile("|".join(words).encode(), re.IGNORECASE)

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where the lines begin and end in `data` that may be wanted, without their newlines; in order."""
        if self._raw is None:
            yield from _all_lines(data)
            return
        at = 0
        while (found := self._raw.search(data, at)) is not None:
            start = data.rfind(b"\n", 0, found.start()) + 1
            end = data.find(b"\n", found.end())
            end = len(data) if end < 0 else end
            yield start, end
            at = end + 1

    def fits(self, line: Line, text: str) -> bool:
        """The careful look. `text` is the line without secrets: nobody can ask whether one stands there."""
        if line.level not in self._levels:
            return False
        return self._raw is None or not self.text or self._raw.search(text.encode("utf-8", "replace")) is not None


def _all_lines(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield start, end
        start = end + 1
    if start < len(data):
        yield start, len(data)


def _forms(text: str) -> set[bytes]:
    """As it may stand in a line: JSON escapes quotes and backslashes. Case beyond ASCII is no matter of bytes."""
    cases = {text, text.lower(), text.upper(), text.title()}
    escaped = {json.dumps(one, ensure_ascii=plain)[1:-1] for one in cases for plain in (False, True)}
    return {one.encode("utf-8", "replace") for one in cases | escaped}
