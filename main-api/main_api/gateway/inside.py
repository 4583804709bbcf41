"""A model call that main-api itself makes: through the gateway like any other, without the way over the network."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from starlette.types import Message

from main_api.gateway.gateway import Gateway
from main_api.gateway.question import read_question
from main_api.gateway.relay import Relay
from services.models.errors import (
    BudgetExceeded,
    ContextExceeded,
    ModelMissing,
    ModelOffline,
    ModelRefused,
    ModelWithoutPrice,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamTimeout,
)
from services.models.run_tokens import RunToken

_KINDS = (
    BudgetExceeded, ContextExceeded, ModelMissing, ModelOffline, ModelRefused, ModelWithoutPrice, UpstreamBusy,
    UpstreamFailed, UpstreamTimeout,
)  # fmt: skip
_BY_CODE = {kind.code: kind for kind in _KINDS}
PATH = "chat/completions"


async def said(gateway: Gateway, token: RunToken, body: dict[str, Any]) -> AsyncGenerator[str, None]:
    """The words of a streamed answer in OpenAI's protocol, as they come. Who stops listening cuts the provider off.

    Raises the gateway's refusals as what they were.
    """
    raw = json.dumps({**body, "stream": True}).encode()
    question = read_question(token, "openai", PATH, raw)
    gone, sent = asyncio.Event(), asyncio.Queue[Message | None]()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def relay() -> None:
        try:
            await Relay(gateway, question)({"type": "http"}, receive, sent.put)
        finally:
            sent.put_nowait(None)

    carrying = asyncio.create_task(relay(), name="call-from-inside")
    try:
        async with aclosing(_read(sent)) as words:
            async for word in words:
                yield word
        await carrying
    finally:
        gone.set()
        with suppress(asyncio.CancelledError):
            await asyncio.shield(carrying)  # it settles what the call cost


async def _read(sent: "asyncio.Queue[Message | None]") -> AsyncGenerator[str, None]:
    status, rest = 200, b""
    while (message := await sent.get()) is not None:
        if message["type"] == "http.response.start":
            status = message["status"]
            continue
        rest += message.get("body", b"")
        if status != 200:
            continue
        *lines, rest = rest.split(b"\n")
        for line in lines:
            if word := _word(line.strip()):
                yield word
    if status != 200:
        raise _refusal(json.loads(rest)["error"])


def _word(line: bytes) -> str:
    """Of one line of the event stream. Raises what an error event says."""
    data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
    if not data or data == b"[DONE]":
        return ""
    event: dict[str, Any] = json.loads(data)
    if error := event.get("error"):
        raise _refusal(error)
    return "".join(str((choice.get("delta") or {}).get("content") or "") for choice in event.get("choices") or [])


def _refusal(error: dict[str, Any]) -> Exception:
    kind = _BY_CODE.get(str(error.get("code")), UpstreamFailed)
    return kind(str(error.get("message", "The model can't be asked.")))
