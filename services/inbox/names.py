"""The name of one thing that waits: the same as long as it waits for the same, another when it waits anew."""

from dataclasses import dataclass
from datetime import datetime

from services.domain.errors import InvalidInput

KINDS = ("approval", "question", "plan", "task", "request", "budget", "push", "deploy")


@dataclass(frozen=True)
class Name:
    """`approval:12`, `task:9:1732246800123` (since when it waits, in milliseconds), `budget:project:3:5.0` (its limit).

    `id` is what stands after the kind, `at` what tells one wait of the same thing from the next.
    """

    kind: str
    id: str
    at: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.id, self.at) if part)

    @property
    def number(self) -> int:
        return int(self.id)


def named(kind: str, id: object, at: object = "") -> str:
    return str(Name(kind, str(id), str(at)))


def moment(at: datetime | None) -> str:
    """Milliseconds since 1970, which both databases keep."""
    return str(round(at.timestamp() * 1000)) if at is not None else ""


def read_name(text: str) -> Name:
    """Raises InvalidInput for what names nothing that could wait."""
    kind, _, rest = text.partition(":")
    if kind == "budget" and rest.count(":") == 2:
        scope, key, limit = rest.split(":")
        if scope == "project" and not _is_number(key):
            raise _unknown(text)
        return Name(kind, f"{scope}:{key}", limit)
    id, _, at = rest.partition(":")
    if kind not in KINDS or not _is_number(id) or ":" in at:
        raise _unknown(text)
    return Name(kind, id, at)


def _is_number(text: str) -> bool:
    """Of a row: both databases take it."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _unknown(text: str) -> InvalidInput:
    return InvalidInput(f"Nothing in the inbox is named {text[:80]!r}.", "Send an item's `key` as GET /inbox has it.")
