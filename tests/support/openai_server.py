"""A small model server that speaks the OpenAI protocol as the gateway does, and plays the answers it is given."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.ports import free_port


@dataclass(frozen=True)
class Reply:
    """A whole answer. `tools` are (name, arguments) calls; `seconds` is how long the model thinks,
    `reasoning` what it tells of that, in the form of its provider."""

    text: str | None = None
    finish: str = "stop"
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()
    seconds: float = 0.0
    reasoning: Any = None


@dataclass(frozen=True)
class Refusal:
    """An error in the gateway's shape."""

    status: int
    code: str
    message: str = "refused"


@dataclass(frozen=True)
class Cut:
    """The connection breaks in the middle of the answer."""


Answer = Reply | Refusal | Cut


@dataclass
class ModelServer:
    """Plays `answers` in order, the last one again and again; or asks a function of the request's JSON."""

    answers: Sequence[Answer] | Callable[[dict[str, Any]], Answer]
    bodies: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    together: int = 1  # no answer leaves before so many were asked for
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/gateway"

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def start(self) -> None:
        """Listen on a free port; a second start listens on the same one again."""
        self.port = self.port or free_port()
        app = web.Application()
        app.router.add_post("/gateway/openai/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        number = len(self.bodies)
        self.bodies.append(body)
        self.asked.set()
        self.keys.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if callable(self.answers):
            answer = self.answers(json.loads(body))
        else:
            answer = self.answers[min(number, len(self.answers) - 1)]
        if isinstance(answer, Refusal):
            error = {"message": answer.message, "type": "gateway", "param": None, "code": answer.code}
            return web.json_response({"error": error}, status=answer.status)
        if isinstance(answer, Cut):
            return await _cut(request)
        while len(self.bodies) < self.together:  # noqa: ASYNC110 - the others are asked for by other processes
            await asyncio.sleep(0.02)
        await asyncio.sleep(answer.seconds)
        return web.json_response(_completion(answer, number, json.loads(body)))


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"message"')
    assert request.transport is not None
    request.transport.abort()
    return response


def _completion(reply: Reply, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.reasoning is not None:
        message["reasoning"] = reply.reasoning
    if reply.tools:
        message["tool_calls"] = [
            {
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for index, (name, arguments) in enumerate(reply.tools)
        ]
    finish = "tool_calls" if reply.tools and reply.finish == "stop" else reply.finish
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
