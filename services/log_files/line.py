"""One line of a log, as it is shown: when, how grave, what, and what else it tells."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pydantic_core import from_json

Level = Literal["debug", "info", "warning", "error", "other"]
LEVELS: tuple[Level, ...] = get_args(Level)

LONGEST_NAME = 100  # characters
LONGEST_TEXT = 1_000  # characters of one value; a line is shown whole when it is asked for by itself
MOST_PARSED = 300_000  # bytes; a longer line is shown as text
_WORDS: dict[str, Level] = {
    "debug": "debug", "info": "info", "warning": "warning", "warn": "warning", "error": "error", "critical": "error",
    "fatal": "error", "exception": "error", "answered": "info", "abandoned": "warning", "failed": "error",
}  # fmt: skip
_SIMPLE = {str, int, bool, type(None)}
_CONSOLE = re.compile(r"(\d{4}-\d\d-\d\dT\S+) \[(\w+) *\] (.*)", re.DOTALL)  # LOG_FORMAT=text
_PLAIN = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):\s+(.*)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Line:
    """`position` is where it begins, `after` where it ends. `at` is None, and `level` other, where it does not tell;
    `cut`: something long of it was left out."""

    position: str
    after: str
    level: Level
    event: str
    at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    cut: bool = False


def read_line(text: str, position: str, after: str, longest: int = LONGEST_TEXT) -> Line:
    """`text` has no secret in it any more. What would move a terminal's cursor or turn writing round is spelt out."""
    told = _json(text)
    if told is None:
        return _plain(text, position, after, longest)
    at = _time(told.pop("timestamp", None) or told.pop("at", None))
    word = told.pop("level", None) or told.get("outcome")
    event = told.pop("event", None)
    if not isinstance(event, str):
        event = " ".join(str(told[name]) for name in ("path", "model", "outcome") if told.get(name))
    shortened = _Shortened(longest)
    if _is_harmless(text, longest):
        fields = {name[:LONGEST_NAME]: _as_it_is(value, shortened) for name, value in told.items()}
    else:
        fields = {visible(name[:LONGEST_NAME]): shortened(value) for name, value in told.items()}
    level = _WORDS.get(str(word).lower(), "other")
    return Line(position, after, level, shortened(event), at, fields, shortened.cut)


def visible(text: str) -> str:
    """With every control character, and those that turn the direction of writing, spelt out; tabs and newlines stay."""
    return _CONTROL.sub(_spelt, text) if _CONTROL.search(text) else text


def time_of(data: bytes) -> datetime | None:
    """When a raw line was written, if it tells."""
    found = _STAMP.search(data[:MOST_PARSED])
    return _time(found[1].decode()) if found else None


_STAMP = re.compile(rb'(?:^|"(?:timestamp|at)": ?")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*(?:Z|[+-]\d\d:?\d\d))')


def _is_harmless(text: str, longest: int) -> bool:
    """Nothing in it is long, escaped or to be spelt out: one look at the line instead of one at each of its values."""
    return len(text) <= longest and "\\" not in text and not _CONTROL.search(text)


def _as_it_is(value: Any, otherwise: "_Shortened") -> Any:
    return value if type(value) in _SIMPLE else otherwise(value)


def _spelt(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the sign for it: ␛ for escape
    return "␡" if code == 0x7F else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _json(text: str) -> dict[str, Any] | None:
    if not text.startswith("{") or len(text) > MOST_PARSED:
        return None
    try:
        told = from_json(text)
    except ValueError:
        told = _leniently(text)
    return told if isinstance(told, dict) else None


def _leniently(text: str) -> Any:
    """Python's own reader is slower, and takes halves of characters; None for what is no JSON to it either."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(text: str, position: str, after: str, longest: int) -> Line:
    shortened = _Shortened(longest)
    if match := _CONSOLE.match(text):
        level = _WORDS.get(match[2].lower(), "other")
        return Line(position, after, level, shortened(match[3]), _time(match[1]), cut=shortened.cut)
    if match := _PLAIN.match(text):
        return Line(position, after, _WORDS[match[1].lower()], shortened(match[2]), cut=shortened.cut)
    return Line(position, after, "other", shortened(text), cut=shortened.cut)


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value)[:40])
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


class _Shortened:
    """Values as they are shown, and whether one of them was cut."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.cut = False

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return visible(self._text(value))
        if isinstance(value, dict | list):
            text = visible(json.dumps(value, ensure_ascii=False))
            return self._text(text) if len(text) > self._longest else json.loads(text)
        if isinstance(value, float) and value - value != 0:
            return str(value)  # JSON has no such number
        return value

    def _text(self, text: str) -> str:
        if len(text) <= self._longest:
            return text
        self.cut = True
        return text[: self._longest] + "…"
