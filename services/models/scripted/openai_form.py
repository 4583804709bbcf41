"""OpenAI's chat completions: reads a request's messages and gives an answer its form, whole or in pieces."""

import json
from collections.abc import Iterator
from typing import Any

from services.models.scripted.errors import RequestUnreadable
from services.models.scripted.play import Answer
from services.models.scripted.request import Message

PIECE = 24  # characters in one piece of a stream
CREATED = 0  # the same request gets the same bytes


def read_messages(body: dict[str, Any]) -> list[Message]:
    """Raises RequestUnreadable when `messages` isn't a list of messages."""
    raw = body.get("messages")
    if not isinstance(raw, list) or not raw:
        raise RequestUnreadable("The request has no messages.", "Send messages as the OpenAI protocol says.")
    messages: list[Message] = []
    for item in raw:
        if not isinstance(item, dict) or not isinstance(item.get("role"), str):
            raise RequestUnreadable("A message has no role.", "Send messages as the OpenAI protocol says.")
        messages.append(Message(item["role"], text_of(item.get("content")), bool(item.get("tool_calls"))))
    return messages


def text_of(content: Any) -> str:
    """A message's text, which may be a string, a list of parts, or nothing."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""


def wants_stream(body: dict[str, Any]) -> bool:
    return body.get("stream") is True


def whole(model: str, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.tool_calls:
        message["tool_calls"] = _calls(answer)
    else:
        message["content"] = answer.text
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish_reason}
    return {**_head(model, answer, "chat.completion"), "choices": [choice], "usage": _usage(answer)}


def pieces(model: str, answer: Answer, body: dict[str, Any]) -> Iterator[bytes]:
    """The stream's events. Tool calls come as their name first, then their arguments in pieces."""
    for delta in _deltas(answer):
        yield _event(model, answer, [{"index": 0, "delta": delta, "finish_reason": None}])
    yield _event(model, answer, [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}])
    options = body.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage") is True:
        yield _event(model, answer, [], usage=_usage(answer))
    yield b"data: [DONE]\n\n"


def cut_text(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def models(model: str, context_tokens: int) -> dict[str, Any]:
    entry = {
        "id": model,
        "object": "model",
        "created": CREATED,
        "owned_by": "scripted",
        "context_length": context_tokens,
    }
    return {"object": "list", "data": [entry]}


def refusal(status: int, sentence: str, code: str, data: dict[str, Any]) -> dict[str, Any]:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error: dict[str, Any] = {"message": sentence, "type": kind, "param": None, "code": code}
    if code == "model_not_found":
        error["param"] = "model"
    return {"error": {**error, "scripted": data} if data else error}


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for piece in cut_text(answer.text):
        yield {"content": piece}
    for index, call in enumerate(_calls(answer)):
        function = call["function"]
        yield {"tool_calls": [{"index": index, **call, "function": {"name": function["name"], "arguments": ""}}]}
        for piece in cut_text(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _event(model: str, answer: Answer, choices: list[dict[str, Any]], **more: Any) -> bytes:
    chunk = {**_head(model, answer, "chat.completion.chunk"), "choices": choices, **more}
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def _head(model: str, answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{answer.sha256[:24]}", "object": kind, "created": CREATED, "model": model}


def _calls(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{answer.sha256[:16]}_{index}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.written()},
        }
        for index, call in enumerate(answer.tool_calls)
    ]


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }
