"""Anthropic's messages: reads a request's messages and gives an answer its form, whole or in events."""

import json
from collections.abc import Iterator
from typing import Any

from services.models.scripted import openai_form
from services.models.scripted.errors import RequestUnreadable
from services.models.scripted.play import Answer
from services.models.scripted.request import Message

EPOCH = "1970-01-01T00:00:00Z"
_STOPPED = {"tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
_KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error",
}  # fmt: skip


def read_messages(body: dict[str, Any], asks: bool = True) -> list[Message]:
    """The system text first. `asks`: an answer is wanted, so max_tokens must be told. Raises RequestUnreadable."""
    if asks and (not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1):
        raise RequestUnreadable("max_tokens: Field required.", "Send it as the Anthropic protocol says.")
    raw = body.get("messages")
    if not isinstance(raw, list) or not raw:
        raise RequestUnreadable("The request has no messages.", "Send messages as the Anthropic protocol says.")
    if not all(isinstance(item, dict) and item.get("role") in ("user", "assistant", "system") for item in raw):
        raise RequestUnreadable("A message's role is not user or assistant.", "Put the system text in `system`.")
    system = openai_form.text_of(body.get("system"))
    told = [Message("system", system)] if system else []
    return told + [_message(item) for item in raw]


def wants_stream(body: dict[str, Any]) -> bool:
    return body.get("stream") is True


def whole(model: str, answer: Answer) -> dict[str, Any]:
    return {
        **_head(model, answer),
        "content": [*_text_blocks(answer), *_tool_blocks(answer)],
        "stop_reason": _stop_reason(answer),
        "usage": _usage(answer),
    }


def pieces(model: str, answer: Answer) -> Iterator[bytes]:
    """The stream's events: each block is begun, filled in pieces and ended; usage at the start and the end."""
    begun = {
        **_head(model, answer),
        "content": [],
        "stop_reason": None,
        "usage": {**_usage(answer), "output_tokens": 1},
    }
    yield _event("message_start", message=begun)
    yield _event("ping")
    for index, block in enumerate([*_text_blocks(answer), *_tool_blocks(answer)]):
        is_text = block["type"] == "text"
        empty = {**block, **({"text": ""} if is_text else {"input": {}})}
        yield _event("content_block_start", index=index, content_block=empty)
        text = block["text"] if is_text else answer.tool_calls[index - len(_text_blocks(answer))].written()
        for piece in openai_form.cut_text(text):
            delta = (
                {"type": "text_delta", "text": piece}
                if is_text
                else {"type": "input_json_delta", "partial_json": piece}
            )
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    end = {"stop_reason": _stop_reason(answer), "stop_sequence": None}
    yield _event("message_delta", delta=end, usage={"output_tokens": answer.completion_tokens})
    yield _event("message_stop")


def models(model: str) -> dict[str, Any]:
    entry = {"type": "model", "id": model, "display_name": f"{model} (scripted)", "created_at": EPOCH}
    return {"data": [entry], "has_more": False, "first_id": model, "last_id": model}


def refusal(status: int, sentence: str, code: str, data: dict[str, Any]) -> dict[str, Any]:
    error: dict[str, Any] = {"type": _KINDS.get(status, "api_error"), "message": sentence}
    return {"type": "error", "error": {**error, "code": code, **({"scripted": data} if data else {})}}


def _message(item: dict[str, Any]) -> Message:
    """Results of tools come in a user's message: no header is read in them."""
    content = item.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    results = [openai_form.text_of(block.get("content")) for block in blocks if block.get("type") == "tool_result"]
    text = "\n".join([openai_form.text_of(content), *results]).strip("\n")
    calls = any(block.get("type") == "tool_use" for block in blocks)
    return Message("tool" if results else item["role"], text, calls)


def _head(model: str, answer: Answer) -> dict[str, Any]:
    said = {"id": f"msg_{answer.sha256[:24]}", "type": "message", "role": "assistant", "model": model}
    return {**said, "stop_sequence": None}


def _text_blocks(answer: Answer) -> list[dict[str, Any]]:
    return [{"type": "text", "text": answer.text}] if answer.text or not answer.tool_calls else []


def _tool_blocks(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "type": "tool_use",
            "id": f"toolu_{answer.sha256[:16]}_{index}",
            "name": call.name,
            "input": json.loads(json.dumps(call.arguments, default=str)),
        }
        for index, call in enumerate(answer.tool_calls)
    ]


def _usage(answer: Answer) -> dict[str, Any]:
    used = {"input_tokens": answer.prompt_tokens, "output_tokens": answer.completion_tokens}
    cache = answer.cache_read_tokens, answer.cache_write_tokens
    return {**used, "cache_read_input_tokens": cache[0], "cache_creation_input_tokens": cache[1]}


def _stop_reason(answer: Answer) -> str:
    return _STOPPED.get(answer.finish_reason, "end_turn")


def _event(kind: str, **data: Any) -> bytes:
    written = json.dumps({"type": kind, **data}, separators=(",", ":")).encode()
    return b"event: " + kind.encode() + b"\ndata: " + written + b"\n\n"
