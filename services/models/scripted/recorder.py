"""Records a real Ollama: passes a client's calls on to it, and keeps what was asked and answered as a scenario."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from pydantic import ValidationError

from services.models.scripted import ollama_form, openai_form
from services.models.scripted.errors import RequestUnreadable
from services.models.scripted.heard import Heard, heard
from services.models.scripted.request import Message, Seen, canonical_sha256, is_acknowledgement, see
from services.models.scripted.rules import Rule, Scenario
from services.models.scripted.sending import drop
from services.redaction import KNOWN

PATHS = frozenset({"/api/chat", "/api/generate", "/v1/chat/completions"})
ASKED_BYTES = 64 * 1024 * 1024
HEADERS = ("role", "stage", "project", "request")
FROM_CONVERSATION = 200  # characters of the last message that a rule without headers looks for


@dataclass
class Recording:
    """The rules so far, of the first model that was asked. Answers that broke off, were refused, or that no rule can
    hold (a call whose arguments are no object), are left out."""

    path: Path
    model: str = ""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: int = 0

    def add(self, model: str, seen: Seen, last: str, said: Heard | None) -> None:
        self.model = self.model or model
        known = said is not None and (said.calls or not is_acknowledgement(said.text))
        if said is None or not known or model != self.model:
            self.left_out += 1
            return
        rule = {"when": _when(seen, last), **_answer(said)}
        try:
            Rule.model_validate(rule)
        except ValidationError:
            self.left_out += 1
        else:
            self.rules.setdefault(seen.sha256, rule)

    def text(self) -> str:
        """The scenario's file. Rules that ask for more come first: the first that fits is played."""
        rules = sorted(self.rules.values(), key=lambda rule: -len(json.dumps(rule["when"])))
        scenario = {"name": self.path.stem, "model": self.model, "rules": rules}
        Scenario.model_validate(scenario)
        head = "# Recorded from a model server; answers are its own. Look through it before you share it.\n"
        return head + yaml.safe_dump(KNOWN.value(scenario), sort_keys=False, allow_unicode=True, width=120)

    def write(self) -> None:
        """Whole or not at all, after each answer. Nothing is written without a rule."""
        if self.rules:
            beside = self.path.with_name(f".{self.path.name}.new")
            beside.write_text(self.text(), encoding="utf-8")
            beside.replace(self.path)


class Recorder:
    """An application that stands between a client and the server at `url`."""

    def __init__(self, url: str, recording: Recording) -> None:
        self._url, self._recording = url.rstrip("/"), recording

    def app(self) -> web.Application:
        app = web.Application(client_max_size=ASKED_BYTES)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        app.cleanup_ctx.append(self._client)
        return app

    async def _client(self, _app: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=600)
        headers = {"Accept-Encoding": "identity"}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as made:
            self._session = made
            yield

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        kind = {"Content-Type": request.content_type} if body else {}
        told, response = bytearray(), None
        try:
            async with self._session.request(
                request.method, self._url + request.path_qs, data=body or None, headers=kind
            ) as answer:
                response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    told += chunk
                    await response.write(chunk)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._recording.left_out += request.path in PATHS
            if response is not None:  # it has begun: the client sees what the recorder saw
                drop(request)
                return response
            sentence = f"{self._url} can't be reached: {error}. Start it, or name another with --from."
            return web.json_response({"error": sentence}, status=503)
        if request.path in PATHS and request.method == "POST":
            self._keep(request.path, body, response.status, bytes(told))
        await response.write_eof()
        return response

    def _keep(self, path: str, raw: bytes, status: int, told: bytes) -> None:
        try:
            body = json.loads(raw)
            messages = _messages(path, body)
        except (ValueError, AttributeError, RequestUnreadable):
            self._recording.left_out += 1
            return
        if messages:  # none: the model was only loaded
            said = heard(path, told) if status == 200 else None
            self._recording.add(str(body.get("model")), see(messages, canonical_sha256(body)), messages[-1].text, said)
            self._recording.write()


def _messages(path: str, body: dict[str, Any]) -> list[Message]:
    if path.startswith("/v1"):
        return openai_form.read_messages(body)
    return ollama_form.read_messages(body, generate=path == "/api/generate")


def _when(seen: Seen, last: str) -> dict[str, Any]:
    """What tells this request from others: its headers where it has them, else words of its last message."""
    when: dict[str, Any] = {name: seen.headers[name] for name in HEADERS if seen.headers.get(name)}
    if seen.title:
        when["task"] = f"^{re.escape(seen.title)}$"
    if seen.round is not None:
        when["round"] = seen.round
    if not when and (words := last.strip()[:FROM_CONVERSATION]):
        when["contains"] = [words]
    return {**when, "turn": seen.turn}


def _answer(said: Heard) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if said.calls:
        rule["tool_calls"] = [{"name": call.name, "arguments": call.arguments} for call in said.calls]
        if said.text.strip():
            rule["say"] = said.text
    else:
        rule["answer"] = said.text
    if said.finish_reason == "length":
        rule["finish_reason"] = "length"
    counted = {"prompt": said.prompt_tokens, "completion": said.completion_tokens}
    if tokens := {name: number for name, number in counted.items() if number is not None}:
        rule["tokens"] = tokens
    return rule
