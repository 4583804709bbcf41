"""Understands an answer of Ollama's or OpenAI's protocol, whole or streamed: what was said, called and counted."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Called:
    """One call of a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass
class Heard:
    """An answer put together. Tokens are None where the server did not count."""

    text: str = ""
    calls: list[Called] = field(default_factory=list)
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def heard(path: str, told: bytes) -> Heard | None:
    """None for what is no complete answer: it broke off, or it is an error."""
    try:
        return _openai(told) if path.startswith("/v1") else _ollama(told)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _ollama(told: bytes) -> Heard | None:
    answer, done = Heard(), False
    for line in told.splitlines():
        part: dict[str, Any] = json.loads(line) if line.strip() else {}
        if part.get("error"):
            return None
        message: dict[str, Any] = part.get("message") or {"content": part.get("response") or ""}
        answer.text += message.get("content") or ""
        for call in message.get("tool_calls") or []:
            answer.calls.append(Called(call["function"]["name"], dict(call["function"]["arguments"])))
        if part.get("done"):
            done, answer.finish_reason = True, str(part.get("done_reason") or "stop")
            answer.prompt_tokens, answer.completion_tokens = part.get("prompt_eval_count"), part.get("eval_count")
    return answer if done else None


def _openai(told: bytes) -> Heard | None:
    if not told.lstrip().startswith(b"data:"):
        whole = json.loads(told)
        choice = whole["choices"][0]
        calls = {n: call["function"] for n, call in enumerate(choice["message"].get("tool_calls") or [])}
        return _put_together(choice["message"].get("content") or "", calls, choice["finish_reason"], whole.get("usage"))
    text, reason, usage, ended = "", "", None, False
    calls: dict[int, dict[str, Any]] = {}
    for line in told.splitlines():
        data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
        ended = ended or data == b"[DONE]"
        if not data or data == b"[DONE]":
            continue
        event = json.loads(data)
        if event.get("error"):
            return None
        usage = event.get("usage") or usage
        for choice in event.get("choices") or []:
            reason = choice.get("finish_reason") or reason
            text += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls") or []:
                begun = calls.setdefault(call["index"], {"name": "", "arguments": ""})
                begun["name"] += call["function"].get("name") or ""
                begun["arguments"] += call["function"].get("arguments") or ""
    return _put_together(text, calls, reason, usage) if ended else None


def _put_together(text: str, calls: dict[int, dict[str, Any]], reason: str, usage: dict[str, Any] | None) -> Heard:
    called = [Called(calls[n]["name"], json.loads(calls[n]["arguments"] or "{}")) for n in sorted(calls)]
    used = usage or {}
    return Heard(text, called, reason, used.get("prompt_tokens"), used.get("completion_tokens"))
