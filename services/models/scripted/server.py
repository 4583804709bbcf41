"""The scripted model's aiohttp application: one handler for each address, what a fault puts in an answer's place."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from services.domain.errors import HubError
from services.models.scripted import anthropic_form, local_models, ollama_form, openai_form
from services.models.scripted.counts import Counts
from services.models.scripted.errors import FenceClash, NoRule, RequestUnreadable, UnknownModel
from services.models.scripted.play import Answer, choose, tokens_of, work_out
from services.models.scripted.request import Message, canonical_sha256, see
from services.models.scripted.rules import Rule, Scenario
from services.models.scripted.sending import drop, page, send_pieces, send_whole

LABEL = "X-WFHub-Scripted"
BODY_BYTES = 64 * 1024 * 1024
_STATUS = {NoRule: 404, UnknownModel: 404, RequestUnreadable: 400, FenceClash: 500}

Refuse = Callable[[int, str, str, dict[str, Any]], dict[str, Any]]
Embed = Callable[[str, list[str]], dict[str, Any]]


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
                web.post("/v1/embeddings", self.openai_embed),
                web.get("/v1/models", self.models),
                web.post("/v1/messages", self.anthropic),
                web.post("/v1/messages/count_tokens", self.count_tokens),
                web.post("/api/chat", partial(self.ollama, generate=False)),
                web.post("/api/generate", partial(self.ollama, generate=True)),
                web.post("/api/embed", self.ollama_embed),
                web.get("/api/tags", self.ollama_tags),
                web.get("/api/ps", self.ollama_running),
                web.post("/api/show", self.ollama_show),
                web.post("/api/pull", self.ollama_pull),
                web.get("/api/version", self.ollama_version),
                web.get("/", self.root),
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

    async def anthropic(self, request: web.Request) -> web.StreamResponse:
        try:
            _check_version(request)
            body = await _read(request)
            messages = anthropic_form.read_messages(body)
        except RequestUnreadable as refused:
            return _refused(refused, anthropic_form.refusal)
        model = self._scenario.model
        form = Form(
            "text/event-stream",
            whole=lambda answer: anthropic_form.whole(model, answer),
            pieces=lambda answer: anthropic_form.pieces(model, answer),
            refuse=anthropic_form.refusal,
        )
        return await self._answer(request, body, messages, form, anthropic_form.wants_stream(body))

    async def count_tokens(self, request: web.Request) -> web.Response:
        try:
            _check_version(request)
            body = await _read(request)
            messages = anthropic_form.read_messages(body, asks=False)
            self._check_model(body)
        except HubError as refused:
            return _refused(refused, anthropic_form.refusal)
        return web.json_response({"input_tokens": tokens_of(sum(len(message.text) for message in messages))})

    async def models(self, request: web.Request) -> web.Response:
        """OpenAI and Anthropic list theirs at the same address; Anthropic's clients tell a version."""
        model = self._scenario.model
        if "anthropic-version" in request.headers:
            return web.json_response(anthropic_form.models(model))
        return web.json_response(openai_form.models(model, self._scenario.context_tokens))

    async def openai_embed(self, request: web.Request) -> web.Response:
        return await self._embed(request, local_models.embedded_for_openai, openai_form.refusal)

    async def ollama_embed(self, request: web.Request) -> web.Response:
        return await self._embed(request, local_models.embedded, _ollama_refusal)

    async def _embed(self, request: web.Request, embed: Embed, refuse: Refuse) -> web.Response:
        try:
            body = await _read(request)
            self._check_model(body)
        except HubError as refused:
            return _refused(refused, refuse)
        return web.json_response(embed(self._scenario.model, local_models.texts_of(body)))

    async def ollama_tags(self, request: web.Request) -> web.Response:
        return web.json_response(local_models.tags(self._scenario.model))

    async def ollama_running(self, request: web.Request) -> web.Response:
        return web.json_response(local_models.running(self._scenario.model, self._scenario.context_tokens))

    async def ollama_show(self, request: web.Request) -> web.Response:
        try:
            await self._named(request)
        except HubError as refused:
            return _refused(refused, _ollama_refusal)
        return web.json_response(local_models.show(self._scenario.context_tokens))

    async def ollama_pull(self, request: web.Request) -> web.StreamResponse:
        """Its model is there already; any other name is refused, as nothing can be fetched."""
        try:
            body = await self._named(request)
        except HubError as refused:
            return _refused(refused, _ollama_refusal)
        if body.get("stream") is False:
            return web.json_response({"status": "success"})
        return await send_pieces(request, "application/x-ndjson", local_models.pulling(self._scenario.model), None)

    async def _named(self, request: web.Request) -> dict[str, Any]:
        body = await _read(request)
        self._check_model({"model": body.get("model") or body.get("name")})
        return body

    async def ollama_version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": ollama_form.VERSION})

    async def root(self, request: web.Request) -> web.Response:
        """Where Ollama's clients look whether it is there."""
        return web.Response(text="Ollama is running: the scripted model, no language model")

    async def health(self, request: web.Request) -> web.Response:
        scenario = self._scenario
        return web.json_response({"status": "ok", "scripted": True, "scenario": scenario.name, "model": scenario.model})

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response(self._counts.listed())

    def _check_model(self, body: dict[str, Any]) -> None:
        asked, known = body.get("model"), self._scenario.model
        if asked not in (known, f"{known}:latest"):
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
        if spoilt := _instead(request, self._scenario.name, rule, form):
            return spoilt
        if stream:
            return await send_pieces(request, form.content_type, form.pieces(answer), rule.fault)
        return await send_whole(request, json.dumps(form.whole(answer)).encode(), rule.fault)


def _instead(request: web.Request, scenario: str, rule: Rule, form: Form) -> web.Response | None:
    """What a fault puts in the answer's place; None where there is an answer."""
    fault = rule.fault
    if fault and fault.status:
        sentence = f"The scenario {scenario} answers this request with status {fault.status}."
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
        body = form.refuse(fault.status, sentence, "scripted_fault", {})
        return web.json_response(body, status=fault.status, headers=headers)
    if fault and fault.html:
        return page()
    if not rule.answers or (fault and fault.reset):
        drop(request)
        return web.Response(status=502)
    return None


async def _label(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[LABEL] = "1"


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise RequestUnreadable("The request's body is not JSON.", "Send a JSON object.") from error
    if not isinstance(body, dict):
        raise RequestUnreadable("The request's body is not a JSON object.", "Send a JSON object.")
    return body


def _check_version(request: web.Request) -> None:
    if "anthropic-version" not in request.headers:
        raise RequestUnreadable("anthropic-version: header is required.", "Send 2023-06-01.")


def _ollama_refusal(status: int, sentence: str, code: str, data: dict[str, Any]) -> dict[str, Any]:
    return ollama_form.refusal(sentence, data)


def _refused(refused: HubError, refuse: Refuse) -> web.Response:
    status = _STATUS[type(refused)]
    code = "model_not_found" if status == 404 else refused.code
    return web.json_response(refuse(status, str(refused), code, refused.data), status=status)
