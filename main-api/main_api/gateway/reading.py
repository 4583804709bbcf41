"""Reads an answer as it streams by: when it is complete, what it used, and whether it is an answer at all.

What ends a stream (`data: [DONE]`, `message_stop`, a line with `done: true`) is held back, to be handed over once the
answer is stored.
"""

import json
from typing import Any

from main_api.gateway.told import Used, anthropic_usage, ollama_usage, openai_usage
from services.models.errors import UpstreamFailed
from services.models.providers import Protocol

MAX_ANSWER_BYTES = 32 * 2**20
_MUST_HOLD = {"chat/completions": "choices", "completions": "choices", "embeddings": "data",
              "api/embed": "embeddings", "messages": "content"}  # fmt: skip
_EVENT_FIELDS = (b"event:", b"id:", b"retry:", b":")


class Reading:
    """One answer. Feed it chunks; it gives back what may go to the client now."""

    def __init__(self, protocol: Protocol, path: str, streamed: bool, hide_usage: bool = False) -> None:
        self.protocol, self.path, self.streamed, self.hide_usage = protocol, path, streamed, hide_usage
        self.used: Used | None = None
        self.complete = False
        self.parts = 0  # pieces of the answer that came by: each is at least a token
        self._line = bytearray()  # not yet ended
        self._passed = bytearray()
        self._held = bytearray()
        self._hidden = False
        self._usage: dict[str, Any] = {}  # Anthropic tells it in two parts

    @property
    def body(self) -> bytes:
        """All that the client gets."""
        return bytes(self._passed + self._held)

    @property
    def held(self) -> bytes:
        """What the client may have only after the answer is stored."""
        return bytes(self._held)

    def feed(self, chunk: bytes) -> bytes:
        """Raises UpstreamFailed for an error event in the stream, and for an answer without end."""
        if len(self._passed) + len(self._held) + len(self._line) + len(chunk) > MAX_ANSWER_BYTES:
            raise UpstreamFailed(f"The answer is above {MAX_ANSWER_BYTES} bytes.", "Ask for a shorter one.")
        if not self.streamed:
            self._held += chunk
            return b""
        *lines, rest = (bytes(self._line) + chunk).split(b"\n")
        self._line = bytearray(rest)
        out = b"".join(self._pass_on(line + b"\n") for line in lines)
        self._passed += out
        return out

    def finish(self) -> None:
        """The provider has ended. Raises UpstreamFailed when the answer isn't complete."""
        if not self.streamed:
            self._check_whole()
        elif self._line:
            self._passed += self._pass_on(bytes(self._line))
            self._line.clear()
        if self.complete and self.streamed and self.protocol != "ollama":
            self._held = bytearray(self._held.rstrip() + b"\n\n")  # the blank line may still be on its way
        if not self.complete:
            raise UpstreamFailed(
                "The provider broke off in the middle of the answer.",
                "Nothing was kept; the same call can be made again.",
            )

    def _pass_on(self, line: bytes) -> bytes:
        if self.complete:
            self._held += line
            return b""
        content = line.strip()
        if self.protocol == "ollama":
            self.parts += content.startswith(b"{")
            keep = self._ollama_line(content)
        elif content or not self._hidden:
            keep = self._event(content)
        else:
            keep = self._hidden = False
        if self.complete:
            self._held += line
            return b""
        return line if keep else b""

    def _event(self, content: bytes) -> bool:
        """Whether the client gets this line of an event stream."""
        if not content.startswith(b"data:"):
            if content and not content.startswith(_EVENT_FIELDS):
                raise _broken(_object(content))
            return True
        data = content[5:].strip()
        if data == b"[DONE]":
            self.complete = True
            return True
        event = _object(data)
        if event.get("error"):
            raise _broken(event)
        self.parts += self.protocol == "openai" or event.get("type") == "content_block_delta"
        if self.protocol == "anthropic":
            self._anthropic_event(event)
            return True
        self.used = openai_usage(event) or self.used
        self._hidden = self.hide_usage and event.get("choices") == [] and "usage" in event
        return not self._hidden

    def _anthropic_event(self, event: dict[str, Any]) -> None:
        """The last numbers count: `message_delta` repeats those that have grown."""
        message = event.get("message")
        told = message if event.get("type") == "message_start" and isinstance(message, dict) else event
        if isinstance(told.get("usage"), dict):
            self._usage |= {name: value for name, value in told["usage"].items() if value is not None}
            self.used = anthropic_usage({"usage": self._usage})
        self.complete = event.get("type") == "message_stop"

    def _ollama_line(self, content: bytes) -> bool:
        if content:
            event = _object(content)
            if event.get("error"):
                raise _broken(event)
            if event.get("done") is True:
                self.complete = True
                self.used = ollama_usage(event)
        return True

    def _check_whole(self) -> None:
        answer = _object(bytes(self._held))
        if answer.get("error"):
            raise _broken(answer)
        wanted = _MUST_HOLD.get(self.path)
        if wanted is None:
            self.complete = answer.get("done") is True
        elif isinstance(answer.get(wanted), list):
            self.complete = True
        self.used = _USAGE[self.protocol](answer)


_USAGE = {"openai": openai_usage, "ollama": ollama_usage, "anthropic": anthropic_usage}


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UpstreamFailed(
            "The provider sent something that is no answer.", "Look at the provider's address and log."
        )
    return value


def _broken(event: dict[str, Any]) -> UpstreamFailed:
    error = event.get("error") or event
    text = error.get("message") if isinstance(error, dict) else error
    return UpstreamFailed(
        f"The provider failed in the middle of the answer: {str(text)[:500]}", "The same call can be made again."
    )
