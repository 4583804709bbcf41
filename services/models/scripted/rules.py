"""The scenario format: rules, what they ask of a request, and what they answer. See docs/scripted-model.md."""

import json
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from services.models.scripted.request import is_acknowledgement


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _numbers(value: Any) -> Any:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)\+", value)):
        return {"at_least": int(found[1])}
    return {"one_of": _listed(value)}


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _inside(value: str) -> str:
    path = PurePosixPath(value)
    if not value.strip() or path.is_absolute() or ".." in path.parts or "\n" in value:
        raise ValueError("not a relative path that stays inside its folder")
    return value


def _sendable(value: Any) -> Any:
    """Dates become texts when it is sent; YAML has more that JSON has no word for."""
    try:
        json.dumps(value, default=str, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"JSON can't hold it: {error}") from error
    return value


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt key must not turn a rule into one that matches everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(Strict):
    """`2`, `[1, 2]` or `2+` in the file."""

    one_of: list[Annotated[int, Field(ge=0, strict=True)]] | None = None
    at_least: int | None = None

    def fits(self, number: int | None) -> bool:
        if number is None:
            return False
        return number >= self.at_least if self.at_least is not None else number in (self.one_of or ())


Texts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1), BeforeValidator(_listed)]
Count = Annotated[Numbers, BeforeValidator(_numbers)]
Inside = Annotated[str, AfterValidator(_inside)]


class When(Strict):
    """What a request must have. None asks for nothing."""

    role: Texts | None = None
    stage: Texts | None = None
    project: Texts | None = None
    request: Texts | None = None
    task: Annotated[str, AfterValidator(_pattern)] | None = None
    round: Count | None = None
    turn: Count | None = None
    contains: Texts | None = None
    not_contains: Texts | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _says_something(cls, value: Any) -> Any:
        """`role:` with nothing behind it would ask for nothing."""
        if value is None:
            raise ValueError("has no value: write one, or leave the key out")
        return value


class ToolCall(Strict):
    """One call; `arguments` is what the tool takes, as an object. `broken` is sent instead: a text that is no JSON."""

    name: str = Field(min_length=1)
    arguments: Annotated[dict[str, Any], AfterValidator(_sendable)] = Field(default_factory=dict)
    broken: str | None = None

    def written(self) -> str:
        """The arguments as text, for protocols that send them so."""
        return json.dumps(self.arguments, ensure_ascii=False, default=str) if self.broken is None else self.broken


class Fault(Strict):
    """What goes wrong on purpose. Times in milliseconds.

    `cut` ends the connection in the middle of the answer, `stop_ms` falls silent there for so long first. `reset` drops
    the connection before a byte is sent, `garbage` spoils the answer's JSON, `html` sends a web page instead, `drip_ms`
    waits before each eighth byte. `retry_after` is the header of a refusal, as it stands.
    """

    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: str | None = None
    hang_ms: int | None = Field(default=None, ge=0)
    cut: bool = False
    stop_ms: int | None = Field(default=None, ge=0)
    reset: bool = False
    garbage: bool = False
    html: bool = False
    drip_ms: int | None = Field(default=None, ge=0)

    @property
    def needs_answer(self) -> bool:
        return self.cut or self.garbage or self.stop_ms is not None or self.drip_ms is not None

    @property
    def is_enough(self) -> bool:
        """Whether a rule may be this fault only."""
        return bool(self.status or self.reset or self.html or self.hang_ms is not None)


class Tokens(Strict):
    """The usage to report instead of the computed one. Only Anthropic's protocol tells of a cache."""

    prompt: int | None = Field(default=None, ge=0)
    completion: int | None = Field(default=None, ge=0)
    cache_read: int = Field(default=0, ge=0)
    cache_write: int = Field(default=0, ge=0)


class Rule(Strict):
    """One `when` and one answer. After loading, `files` holds the contents that `files_from` named too."""

    when: When = When()
    note: str = ""
    answer: str | None = None
    json_value: Annotated[Any, AfterValidator(_sendable)] = Field(default=None, alias="json")
    tool_calls: list[ToolCall] | None = Field(default=None, min_length=1)
    files: dict[Inside, str] = Field(default_factory=dict)
    files_from: dict[Inside, Inside] = Field(default_factory=dict)
    say: str = ""
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter"] | None = None
    delay_ms: int | None = Field(default=None, ge=0)
    tokens: Tokens = Tokens()
    fault: Fault | None = None

    @property
    def has_json(self) -> bool:
        return "json_value" in self.model_fields_set

    @property
    def answers(self) -> bool:
        """Whether there is something to answer; a rule may be a fault only."""
        return self.answer is not None or self.has_json or bool(self.tool_calls or self.files or self.files_from)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        filed = bool(self.files or self.files_from)
        kinds = [self.answer is not None, self.has_json, self.tool_calls is not None, filed]
        fault = self.fault
        if sum(kinds) > 1:
            raise ValueError("a rule has one of answer, json, tool_calls, and files with files_from")
        if not any(kinds) and fault and fault.needs_answer:
            raise ValueError("fault: cut, stop_ms, garbage and drip_ms need an answer to spoil")
        if not any(kinds) and not (fault and fault.is_enough):
            raise ValueError("a rule needs answer, json, tool_calls, files, files_from, or a fault")
        if self.say and not (self.tool_calls or filed):
            raise ValueError("say goes with files, files_from or tool_calls")
        if self.answer is not None and is_acknowledgement(self.answer):
            raise ValueError("the answer would be taken for an acknowledgement of Aider's and not count as a turn")
        if twice := self.files.keys() & self.files_from.keys():
            raise ValueError(f"in files and in files_from: {', '.join(sorted(twice))}")
        return self


class Scenario(Strict):
    """A scenario file. `context_tokens` is what the model says its context is."""

    name: str = ""
    model: str = Field(default="demo", min_length=1)
    context_tokens: int = Field(default=32_768, gt=0)
    rules: list[Rule] = Field(min_length=1)
