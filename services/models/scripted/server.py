"""The scripted model's aiohttp application: one handler for each address, one way to send or spoil an answer."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from services.domain.errors import HubError
from services.models.scripted import ollama_form, openai_form
from services.models.scripted.counts import Counts
from services.models.scripted.errors import FenceClash, NoRule, RequestUnreadable, UnknownModel
from services.models.scripted.play import Answer, choose, work_out
from services.models.scripted.request import Message, canonical_sha256, see
from services.models.scripted.rules import Rule, Scenario

LABEL = "X-WFHub-Scripted"
BODY_BYTES = 64 * 1024 * 1024
_STATUS = {NoRule: 404, UnknownModel: 404, RequestUnreadable: 400, FenceClash: 500}

Refuse = Callable[[int, str, str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Form:
    """How one protocol's address writes a whole answer, the pieces of a stream, and a refusal."""

    content_type: str
    whole: Callable[[Answer], dict[str, Any]]
    pieces: Callable[[Answer], Iterable[bytes]]
    refuse: Refuse


class ScriptedModel:
    """Plays one scenario. `delay_ms` is waited before each answer whose rule doesn't say its own."""

    def __init__(self, scenario: Scenario, counts: Counts, delay_ms: int = 0) -> None:
        self._scenario = scenario
        self._counts = counts
        self._delay_ms = delay_ms

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_BYTES)
        app.on_response_prepare.append(_label)
        app.add_routes(
            [
                web.post("/v1/chat/completions", self.openai_chat),
                web.get("/v1/models", self.openai_models),
                web.post("/api/chat", partial(self.ollama, generate=False)),
                web.post("/api/generate", partial(self.ollama, generate=True)),
                web.get("/api/tags", self.ollama_tags),
                web.post("/api/show", self.ollama_show),
                web.get("/api/version", self.ollama_version),
                web.get("/health", self.health),
                web.get("/scripted/requests", self.requests),
            ]
        )
        return app

    async def openai_chat(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await _read(request)
            messages = openai_form.read_messages(body)
        except RequestUnreadable as refused:
            return _refused(refused, openai_form.refusal)
        model = self._scenario.model
        form = Form(
            "text/event-stream",
            whole=lambda answer: openai_form.whole(model, answer),
            pieces=lambda answer: openai_form.pieces(model, answer, body),
            refuse=openai_form.refusal,
        )
        return await self._answer(request, body, messages, form, openai_form.wants_stream(body))

    async def ollama(self, request: web.Request, generate: bool) -> web.StreamResponse:
        try:
            body = await _read(request)
            messages = ollama_form.read_messages(body, generate)
        except RequestUnreadable as refused:
            return _refused(refused, _ollama_refusal)
        model = self._scenario.model
        form = Form(
            "application/x-ndjson",
            whole=lambda answer: ollama_form.whole(model, answer, generate),
            pieces=lambda answer: ollama_form.pieces(model, answer, generate),
            refuse=_ollama_refusal,
        )
        if not messages:
            try:
                self._check_model(body)
            except UnknownModel as refused:
                return _refused(refused, _ollama_refusal)
            return web.json_response(ollama_form.loaded(model, generate))
        return await self._answer(request, body, messages, form, ollama_form.wants_stream(body))

    async def openai_models(self, request: web.Request) -> web.Response:
        return web.json_response(openai_form.models(self._scenario.model, self._scenario.context_tokens))

    async def ollama_tags(self, request: web.Request) -> web.Response:
        return web.json_response(ollama_form.tags(self._scenario.model))

    async def ollama_show(self, request: web.Request) -> web.Response:
        try:
            body = await _read(request)
            self._check_model({"model": body.get("model") or body.get("name")})
        except HubError as refused:
            return _refused(refused, _ollama_refusal)
        return web.json_response(ollama_form.show(self._scenario.context_tokens))

    async def ollama_version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": ollama_form.VERSION})

    async def health(self, request: web.Request) -> web.Response:
        scenario = self._scenario
        return web.json_response({"status": "ok", "scripted": True, "scenario": scenario.name, "model": scenario.model})

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response(self._counts.listed())

    def _check_model(self, body: dict[str, Any]) -> None:
        asked, known = body.get("model"), self._scenario.model
        if asked not in {known, f"{known}:latest"}:
            raise UnknownModel(
                f'model "{asked}" not found: the scripted model plays only "{known}".', f"Ask for {known}."
            )

    async def _answer(
        self, request: web.Request, body: dict[str, Any], messages: list[Message], form: Form, stream: bool
    ) -> web.StreamResponse:
        seen = see(messages, canonical_sha256(body))
        self._counts.record(seen)
        try:
            self._check_model(body)
            rule = choose(self._scenario, seen)
            answer = work_out(rule, seen)
        except HubError as refused:
            return _refused(refused, form.refuse)
        delay_ms = self._delay_ms if rule.delay_ms is None else rule.delay_ms
        hang_ms = rule.fault.hang_ms or 0 if rule.fault else 0
        await asyncio.sleep((delay_ms + hang_ms) / 1000)
        if rule.fault and rule.fault.status:
            sentence = f"The scenario {self._scenario.name} answers this request with status {rule.fault.status}."
            return web.json_response(
                form.refuse(rule.fault.status, sentence, "scripted_fault", {}), status=rule.fault.status
            )
        if not rule.answers:
            _drop(request)
            return web.Response(status=502)
        if stream:
            return await _send(request, form.content_type, list(form.pieces(answer)), _is_cut(rule))
        whole = json.dumps(form.whole(answer)).encode()
        if _is_cut(rule):
            return await _send_half(request, whole)
        return web.Response(body=whole, content_type="application/json")


async def _send(request: web.Request, content_type: str, pieces: list[bytes], cut: bool) -> web.StreamResponse:
    """Sends each piece as it is; cut, it sends the first half of them and drops the connection."""
    response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
    await response.prepare(request)
    for piece in pieces[: max(1, len(pieces) // 2)] if cut else pieces:
        await response.write(piece)
    if cut:
        await _drop_after_sending(request)
        return response
    await response.write_eof()
    return response


async def _send_half(request: web.Request, whole: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    await _drop_after_sending(request)
    return response


async def _drop_after_sending(request: web.Request) -> None:
    await asyncio.sleep(0.02)  # an abort throws away what the socket has not taken yet
    _drop(request)


def _drop(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def _is_cut(rule: Rule) -> bool:
    return bool(rule.fault and rule.fault.cut)


async def _label(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[LABEL] = "1"


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise RequestUnreadable("The request's body is not JSON.", "Send a JSON object.") from error
    if not isinstance(body, dict):
        raise RequestUnreadable("The request's body is not a JSON object.", "Send a JSON object.")
    return body


def _ollama_refusal(status: int, sentence: str, code: str, data: dict[str, Any]) -> dict[str, Any]:
    return ollama_form.refusal(sentence, data)


def _refused(refused: HubError, refuse: Refuse) -> web.Response:
    status = _STATUS[type(refused)]
    code = "model_not_found" if status == 404 else refused.code
    return web.json_response(refuse(status, str(refused), code, refused.data), status=status)
