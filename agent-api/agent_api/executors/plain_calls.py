"""Tool calls that a model wrote as plain text, read as the calls they were meant to be.

Small local models often answer `{"name": "read", "arguments": {"path": "a.py"}}` as content, bare, fenced or between
Hermes' `<tool_call>` tags, where the protocol has a field for it.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

_TAGGED = re.compile(r"<(tool_call|function_call|tool)>\s*(.*?)\s*(?:</\1>|\Z)", re.DOTALL)
_FENCED = re.compile(r"```[a-zA-Z_-]*\s*\n(.*?)(?:\n\s*```|\Z)", re.DOTALL)
_PREFIX = re.compile(r"^\s*(?:\[TOOL_CALLS\]|<\|python_tag\|>|Action:)\s*")
_BEGINS = re.compile(r'^\s*[\[{]\s*\{?\s*"(?:name|tool|function)"\s*:\s*"([A-Za-z0-9_.-]{1,64})"')
_NAMES = ("name", "tool", "tool_name", "function")
_ARGUMENTS = ("arguments", "parameters", "args", "input", "tool_input")
_BESIDE = frozenset({"id", "type", "tool_call_id"})


@dataclass(frozen=True, slots=True)
class PlainCall:
    """`arguments` is an object, or the text of one that cannot be read: who reads it can say what is wrong with it."""

    name: str
    arguments: dict[str, Any] | str


def calls_in(text: str, tools: Collection[str]) -> list[PlainCall]:
    """The calls that a whole answer consists of; none when it is an answer.

    Beside prose only a call of one of these `tools` counts; alone, anything that has the form of a call does, so that
    a wrong name is told to the model and does not pass for its answer.
    """
    text = _PREFIX.sub("", text)
    alone = _alone(text, tools)
    if alone:
        return alone
    blocks = [match[2] for match in _TAGGED.finditer(text)] or [match[1] for match in _FENCED.finditer(text)]
    found = [call for block in blocks for call in _alone(block, tools)]
    return [call for call in found if call.name in tools]


def _alone(text: str, tools: Collection[str]) -> list[PlainCall]:
    values = _values(text)
    if values is None:
        begun = _BEGINS.match(text)
        return [PlainCall(begun[1], text.strip())] if begun and begun[1] in tools else []
    calls = [_call(value) for value in values]
    return [call for call in calls if call] if calls and all(calls) else []


def _values(text: str) -> list[Any] | None:
    """The JSON values that the text consists of, one after the other; lists are opened. None when it is not JSON."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.strip()
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):  # hundreds of brackets within each other are nobody's call
            return None
        found += _opened(value)
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return found


def _opened(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list) and len(value) == 1:
        value = value["tool_calls"]
    yield from value if isinstance(value, list) else [value]


def _call(value: Any) -> PlainCall | None:
    if not isinstance(value, dict):
        return None
    if isinstance(inner := value.get("function"), dict) and set(value) <= {"function"} | _BESIDE:
        value = inner
    names = [key for key in _NAMES if isinstance(value.get(key), str)]
    given = [key for key in _ARGUMENTS if isinstance(value.get(key), dict | str)]
    if len(names) != 1 or len(given) != 1 or set(value) - {names[0], given[0]} - _BESIDE:
        return None
    arguments = value[given[0]]
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return PlainCall(value[names[0]], arguments)
    return PlainCall(value[names[0]], arguments) if isinstance(arguments, dict) else None
