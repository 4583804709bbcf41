"""How every body is read and written."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MAX_ID = 2**63 - 1  # what both databases can hold
DEEPEST = 64  # levels within each other; Pydantic writes some 250, and what is kept stands a few deeper in answers
Id = Annotated[int, Field(ge=1, le=MAX_ID, examples=[1])]
Version = Annotated[int, Field(ge=1, le=MAX_ID, description="The one you read", examples=[1])]
Word = Annotated[str, Field(max_length=200)]  # a name that is looked for: a stage, a role, a model


def _utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the calendar ends before that") from error


Time = Annotated[AwareDatetime, AfterValidator(_utc), Field(examples=["2026-01-31T00:00:00Z"])]


class Out(BaseModel):
    """Read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class In(BaseModel):
    """Strict about unknown fields: a misspelt one is refused, not ignored. Text that can't be kept is refused too."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _keepable(cls, value: Any) -> Any:
        if fault := unkeepable(value):
            raise ValueError(fault)
        return value


class Patch(In):
    """A partial edit: only the fields that are sent change. `version` is the one the caller read."""

    version: Version

    @model_validator(mode="after")
    def _changes_something(self) -> "Patch":
        if not self.changes():
            raise ValueError("name at least one field to change besides version")
        return self

    def changes(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.model_fields_set - {"version"}}


def unkeepable(value: Any) -> str:
    """Why this can't be kept, wherever in it: PostgreSQL has no NUL, half a surrogate pair is no text, and an answer
    with what lies too deep could not be written."""
    waiting = [(value, 1)]
    while waiting:
        part, level = waiting.pop()
        if level > DEEPEST:
            return f"it is nested more than {DEEPEST} levels deep, which can't be kept: send it flatter"
        if isinstance(part, str):
            if "\0" in part:
                return "it holds a NUL character, which can't be kept: leave it out"
            if not _is_text(part):
                return "it holds half of a surrogate pair, which is no character: leave it out"
        elif isinstance(part, dict):
            waiting += [(inner, level + 1) for inner in (*part.keys(), *part.values())]
        elif isinstance(part, list):
            waiting += [(inner, level + 1) for inner in part]
        elif isinstance(part, float) and part - part != 0:
            return "it holds a number that is not finite: send a plain one"
    return ""


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
