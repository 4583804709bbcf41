"""What can go wrong, in words a person can act on. Entry points map the code to a status; nothing here knows HTTP."""

from datetime import datetime
from typing import Any, ClassVar


class HubError(Exception):
    """A refusal with a stable code, one clear sentence, and a way out.

    `code` is unique across the product (a test checks it). `data` holds JSON values that a program may need.
    """

    code: ClassVar[str] = "error"

    def __init__(self, sentence: str, way_out: str = "", **data: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out
        self.data: dict[str, Any] = data

    def __str__(self) -> str:
        return f"{self.sentence} {self.way_out}".strip()


class NotFound(HubError):
    """The row that was named does not exist."""

    code = "not_found"


class IllegalMove(HubError):
    """The state machine of the noun has no such move."""

    code = "illegal_move"


class InvalidInput(HubError):
    """The input can be read but breaks a rule of the domain."""

    code = "invalid_input"


class Conflict(HubError):
    """The row changed since the caller read it, or the name is taken."""

    code = "conflict"


class AlreadyDecided(HubError):
    """Somebody was quicker: `by`, `at` (ISO 8601, UTC) and `decision` say who, when and what."""

    code = "already_decided"

    @classmethod
    def of(cls, what: str, decision: str, by: str | None, at: datetime | None, **data: Any) -> "AlreadyDecided":
        """`what` begins the sentence: `The plan`."""
        when = f" at {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
        words = decision.replace("_", " ")
        told = {"decision": decision, "by": by, "at": at.isoformat() if at is not None else None}
        sentence = f"{what} was decided before: {words} by {by or 'somebody'}{when}."
        return cls(sentence, "Look at how it stands now.", **told, **data)
