"""Ollama's chat and generate: reads a request's messages and gives an answer its form, whole or in lines."""

import json
from collections.abc import Iterator
from typing import Any

from services.models.scripted import openai_form
from services.models.scripted.errors import RequestUnreadable
from services.models.scripted.play import Answer
from services.models.scripted.request import Message

VERSION = "0.12.0"  # a version whose clients know tools, structured output and usage
EPOCH = "1970-01-01T00:00:00Z"
NANOSECONDS_PER_TOKEN = 1_000_000


def read_messages(body: dict[str, Any], generate: bool) -> list[Message]:
    """No message at all asks to load the model. Raises RequestUnreadable."""
    if not generate:
        return openai_form.read_messages(body) if body.get("messages") else []
    prompt, system = body.get("prompt") or "", body.get("system") or ""
    if not isinstance(prompt, str) or not isinstance(system, str):
        raise RequestUnreadable("prompt and system are texts.", "Send them as the Ollama protocol says.")
    messages = [Message("system", system), Message("user", prompt)]
    return [message for message in messages if message.text] if prompt else []


def wants_stream(body: dict[str, Any]) -> bool:
    """Ollama streams unless told otherwise."""
    return body.get("stream") is not False


def whole(model: str, answer: Answer, generate: bool) -> dict[str, Any]:
    return {**_said(model, answer.text, generate, _calls(answer)), **_end(answer)}


def loaded(model: str, generate: bool) -> dict[str, Any]:
    return {**_said(model, "", generate, []), "done": True, "done_reason": "load"}


def pieces(model: str, answer: Answer, generate: bool) -> Iterator[bytes]:
    """The stream's lines: text in pieces, then all calls in one line, then the end with the usage."""
    for piece in openai_form.cut_text(answer.text):
        yield _line(_said(model, piece, generate, []))
    if answer.tool_calls:
        yield _line(_said(model, "", generate, _calls(answer)))
    yield _line({**_said(model, "", generate, []), **_end(answer)})


def refusal(sentence: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"error": sentence, **({"scripted": data} if data else {})}


def _said(model: str, text: str, generate: bool, calls: list[dict[str, Any]]) -> dict[str, Any]:
    head: dict[str, Any] = {"model": model, "created_at": EPOCH, "done": False}
    if generate:
        return {**head, "response": text}
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = calls
    return {**head, "message": message}


def _end(answer: Answer) -> dict[str, Any]:
    prompt, written = answer.prompt_tokens, answer.completion_tokens
    return {
        "done": True,
        "done_reason": "length" if answer.finish_reason == "length" else "stop",
        "total_duration": (prompt + written) * NANOSECONDS_PER_TOKEN,
        "load_duration": 0,
        "prompt_eval_count": prompt,
        "prompt_eval_duration": prompt * NANOSECONDS_PER_TOKEN,
        "eval_count": written,
        "eval_duration": written * NANOSECONDS_PER_TOKEN,
    }


def _calls(answer: Answer) -> list[dict[str, Any]]:
    wanted = [call.arguments if call.broken is None else call.broken for call in answer.tool_calls]
    plain = json.loads(json.dumps(wanted, default=str))
    named = zip(answer.tool_calls, plain, strict=True)
    return [{"function": {"name": call.name, "arguments": arguments}} for call, arguments in named]


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
