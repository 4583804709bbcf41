"""A provider for tests: protocol-true, and it counts what it was asked and who left."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.ports import free_port

WORDS = ("One ", "whole ", "answer.")


@dataclass
class CountingProvider:
    """Answers WORDS. `gate` unset holds every answer after its first word; `dies` breaks the connection there."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    dies: bool = False
    ends: bool = True
    tells_usage: bool = True
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    takes_no: str = ""  # the field whose presence it answers with its error, and 400
    tokens: tuple[int, int] = (10, 3)
    words: tuple[str, ...] = WORDS
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    left: int = 0
    connections: set[int] = field(default_factory=set)  # the ports that they came from
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self, path: str) -> list[dict[str, Any]]:
        return [body for asked, body, _headers in self.asked if asked == path]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        self.port = self.port or free_port()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            self.connections.add(request.transport.get_extra_info("peername")[1])
        path = request.path.lstrip("/")
        body = await request.json() if request.can_read_body else {}
        self.asked.append((path, body, dict(request.headers)))
        try:
            return await self._play(request, path, body)
        except (asyncio.CancelledError, ConnectionError):
            self.left += 1
            raise

    async def _play(self, request: web.Request, path: str, body: dict[str, Any]) -> web.StreamResponse:
        if self.status != 200:
            return web.json_response(self.error, status=self.status)
        if self.takes_no in body:
            return web.json_response(self.error, status=400)
        if path == "v1/models":
            return web.json_response({"object": "list", "data": [{"id": "m", "object": "model", "created": 0}]})
        if path == "api/tags":
            return web.json_response({"models": [{"name": "m", "model": "m"}]})
        if path in ("api/show", "api/create"):
            return web.json_response({"status": "success", "details": {}})
        if path == "v1/embeddings":
            data = [{"object": "embedding", "index": 0, "embedding": [0.5]}]
            return web.json_response({"object": "list", "data": data, "usage": {"prompt_tokens": 2, "total_tokens": 2}})
        if body.get("stream"):
            return await self._stream(request, self._sse(body) if path.startswith("v1") else self._ndjson())
        await self.gate.wait()
        if self.dies:
            return await self._stream(request, [b'{"choices": ['])
        return web.json_response(
            self._openai_whole(body) if path.startswith("v1") else self._ollama("".join(self.words), True)
        )

    async def _stream(self, request: web.Request, parts: list[bytes]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Secret": "mine"})
        await response.prepare(request)
        await response.write(parts[0])
        await self.gate.wait()
        if self.dies:
            assert request.transport is not None
            request.transport.abort()
            return response
        for part in parts[1:]:
            await response.write(part[:7])  # never whole lines
            await asyncio.sleep(0)
            await response.write(part[7:])
        return response

    def _sse(self, body: dict[str, Any]) -> list[bytes]:
        parts = [_event({"choices": [{"index": 0, "delta": {"content": word}}]}) for word in self.words]
        parts.append(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        if self.tells_usage and body.get("stream_options", {}).get("include_usage"):
            parts.append(_event({"choices": [], "usage": self._usage()}))
        return [*parts, b"data: [DONE]\n\n"] if self.ends else parts

    def _ndjson(self) -> list[bytes]:
        lines = [json.dumps(self._ollama(word, False)).encode() + b"\n" for word in self.words]
        return [*lines, json.dumps(self._ollama("", True)).encode() + b"\n"] if self.ends else lines

    def _usage(self) -> dict[str, int]:
        return {"prompt_tokens": self.tokens[0], "completion_tokens": self.tokens[1], "total_tokens": sum(self.tokens)}

    def _openai_whole(self, body: dict[str, Any]) -> dict[str, Any]:
        message = {"role": "assistant", "content": "".join(self.words) + f" #{len(self.asked)}"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice]}
        return {**whole, "usage": self._usage()} if self.tells_usage else whole

    def _ollama(self, text: str, done: bool) -> dict[str, Any]:
        line = {"model": "m", "message": {"role": "assistant", "content": text}, "done": done}
        if done:
            line |= {"done_reason": "stop", "prompt_eval_count": self.tokens[0], "eval_count": self.tokens[1]}
        return line


def _event(data: dict[str, Any]) -> bytes:
    whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", **data}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"
