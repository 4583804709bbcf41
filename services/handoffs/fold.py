"""Older handoffs in short: as they are where they are few, a model's checked account where there is one, else lines.

What a model says is a claim: an account that is longer than what it was told, or that names a file, a task or a commit
that nobody told it, is not used.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.store.models import Handoff, HandoffFold

By = Literal["", "as_told", "mechanical", "model"]
LINE = 200  # characters of a handoff in a mechanical fold
FILES = 8
POINTS = 20
_NAMES = re.compile(
    r"(?:[\w.-]+/)+[\w.-]*\w"  # a path
    r"|\b[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,9}\b"  # a file with its ending
    r"|\b[A-Z][A-Z0-9_]*-\d+\b"  # a task
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b"  # a commit
)
_WORDS = frozenset({"e.g", "i.e"})


@dataclass(frozen=True)
class Earlier:
    """What the next agent is told of `handoffs` older handoffs, and how it came about; empty where there are none."""

    text: str = ""
    by: By = ""
    handoffs: int = 0
    model: str = ""

    @property
    def told(self) -> str:
        """The text with a line that says what it is."""
        if self.by == "mechanical":
            return f"({self.handoffs} handoffs in a line each, made without a model.)\n{self.text}"
        if self.by == "model":
            return f"({self.handoffs} handoffs, put in short by {self.model} and checked by code.)\n{self.text}"
        return self.text


def told_of(row: Handoff) -> str:
    """All that a handoff says."""
    lines = [f"{row.from_stage} to {row.to_stage}: {row.summary.strip()}", *points_of(row.data)]
    return "\n".join(lines)


def points_of(data: dict[str, Any]) -> list[str]:
    """What a handoff's data says of decisions and open points; anybody may have sent it."""
    lines: list[str] = []
    for key, title in (("decisions", "Decided"), ("open_points", "Open")):
        points = data.get(key)
        lines += [f"- {title}: {point}" for point in points[:POINTS]] if isinstance(points, list) else []
    return lines


def earlier_of(older: Sequence[Handoff], folds: Sequence[HandoffFold], most: int) -> Earlier:
    """Of handoffs, oldest first: those that are told in short are `most` characters and more."""
    if not older:
        return Earlier()
    whole = "\n".join(told_of(row) for row in older)
    if len(whole) <= most:
        return Earlier(whole, "as_told", len(older))
    for fold in sorted(folds, key=lambda fold: fold.last_id, reverse=True):
        covered = [row for row in older if row.id <= fold.last_id]
        if fold.text and covered and sources_of(covered) == fold.sources:
            rest = older[len(covered) :]
            since = "\n".join(told_of(row) for row in rest)
            since = since if len(since) <= most else mechanical(rest)
            return Earlier("\n".join(part for part in (fold.text, since) if part), "model", len(older), fold.model)
    return Earlier(mechanical(older), "mechanical", len(older))


def mechanical(rows: Sequence[Handoff]) -> str:
    """A line for each handoff: its first sentence, what was decided, its files."""
    return "\n".join(_line(row) for row in rows)


def _line(row: Handoff) -> str:
    first = next((line for line in row.summary.splitlines() if line.strip()), "nothing said")
    decided = [str(one) for one in row.data.get("decisions", ()) or ()] if row.data else []
    files = [str(one) for one in row.data.get("files", ()) or ()] if row.data else []
    told = [f"- {row.from_stage} to {row.to_stage}: {first.strip()[:LINE]}"]
    told += [f"decided: {'; '.join(decided)[:LINE]}"] if decided else []
    told += [f"files: {', '.join(files[:FILES])}{' and more' if len(files) > FILES else ''}"] if files else []
    return "; ".join(told)


def sources_of(rows: Sequence[Handoff]) -> str:
    """A fold holds only for exactly what it was made of."""
    said = [[row.id, row.from_stage, row.to_stage, row.summary, row.data] for row in rows]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def fault_in(text: str, rows: Sequence[Handoff]) -> str:
    """Why an account of these handoffs is not used; empty where it holds."""
    sources = "\n".join(f"{told_of(row)}\n{json.dumps(row.data, default=str, ensure_ascii=False)}" for row in rows)
    if not text.strip():
        return "it says nothing"
    if len(text) > len(sources):
        return f"it has {len(text)} characters, more than the {len(sources)} that it was to shorten"
    names = (found[0] for found in _NAMES.finditer(text) if found[0].lower() not in _WORDS)
    made_up = sorted({name for name in names if name not in sources})
    return f"it names what nobody told it: {', '.join(made_up[:5])}" if made_up else ""
