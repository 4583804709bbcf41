"""What the scripted model sees of a request: the headers, the turn and the conversation, whatever the protocol."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

_HEADER = re.compile(r"^(Role|Stage|Project|Task|Round|Request): (.*?)\s*$")
_HEADER_BLOCK = re.compile(r"^Role: .*\r?\nStage: ", re.MULTILINE)
_TASK_KEY = re.compile(r"^[A-Z][A-Z0-9_]*-\d+\s+")
# Aider tells the model its fence in this one sentence of the `whole` format.
_FENCE = re.compile(r"^- Second line: opening (\S+)", re.MULTILINE)
_FENCE_END = re.compile(r"^- Final line: closing (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Message:
    """One message of a chat: its role on the wire, its text, and whether it calls tools."""

    role: str
    text: str
    calls: bool = False


@dataclass(frozen=True)
class Seen:
    """A request as rules see it. `task` is the header's whole value, `title` is without the task's key."""

    sha256: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    turn: int = 0
    conversation: str = ""
    characters: int = 0
    fence: tuple[str, str] | None = None

    @property
    def title(self) -> str | None:
        task = self.headers.get("task")
        return None if task is None else _TASK_KEY.sub("", task)

    @property
    def round(self) -> int | None:
        value = self.headers.get("round", "")
        return int(value) if value.isascii() and value.isdigit() else None


def canonical_sha256(body: dict[str, Any]) -> str:
    """SHA-256 of the body as JSON with sorted keys and without spaces."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_acknowledgement(text: str) -> bool:
    """Whether a text is one of the replies that Aider writes itself into the history ("Ok.", "Ok, I will use ...")."""
    line = text.strip()
    return "\n" not in line and (line in {"Ok", "Ok."} or line.startswith("Ok, "))


def see(messages: list[Message], sha256: str) -> Seen:
    """Reads the headers from the last system or user message that has a `Role:` line followed by a `Stage:` line.

    The conversation is that message and all after it; without headers it is the whole request. The turn is the number
    of assistant messages in it, without Aider's own acknowledgements.
    """
    start, headers = 0, dict[str, str]()
    for index in reversed(range(len(messages))):
        message = messages[index]
        found = _HEADER_BLOCK.search(message.text) if message.role not in {"assistant", "tool"} else None
        if found:
            start, headers = index, _read_headers(message.text[found.start() :])
            break
    conversation = messages[start:]
    everything = "\n".join(message.text for message in messages)
    opening, closing = _last(_FENCE, everything), _last(_FENCE_END, everything)
    return Seen(
        sha256=sha256,
        headers=headers,
        turn=sum(_is_answer(message) for message in conversation),
        conversation="\n".join(message.text for message in conversation),
        characters=sum(len(message.text) for message in messages),
        fence=(opening, closing) if opening and closing else None,
    )


def _read_headers(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in text.splitlines():
        found = _HEADER.match(line)
        if not found:
            break
        headers.setdefault(found[1].lower(), found[2])
    return headers


def _is_answer(message: Message) -> bool:
    return message.role == "assistant" and (message.calls or not is_acknowledgement(message.text))


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.findall(text)
    return found[-1] if found else None
