"""The gateway's routes: read, ask, return. The gateway itself is `app.state.gateway`. `calls` goes before `router`."""

import re
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from main_api import errors
from main_api.downloads import SAFE
from main_api.gateway.files import kept_file
from main_api.gateway.gateway import Gateway
from main_api.gateway.hiding import Hiding
from main_api.gateway.listing import anthropic_models, ollama_models, openai_models
from main_api.gateway.question import Question, read_question
from main_api.gateway.relay import Relay, refusal
from main_api.gateway.upstream import ask
from services.domain.errors import HubError, NotFound
from services.models.errors import RunTokenInvalid
from services.models.ledger import active_run
from services.models.providers import Protocol, resolve
from services.models.run_tokens import RunToken, verify

router = APIRouter(prefix="/gateway", include_in_schema=False)  # each provider documents its own protocol
CALLS: dict[Protocol, frozenset[str]] = {
    "openai": frozenset({"chat/completions", "completions", "embeddings"}),
    "ollama": frozenset({"api/chat", "api/generate", "api/embed"}),
    "anthropic": frozenset({"messages"}),
}
LISTS: dict[Protocol, frozenset[str]] = {
    "openai": frozenset({"models"}),
    "ollama": frozenset({"api/tags", "api/ps"}),
    "anthropic": frozenset({"models"}),
}
_PATH = re.compile(r"/gateway/[^/]+/.*")
UNPAID = frozenset({("ollama", "api/show"), ("anthropic", "messages/count_tokens")})


def get_gateway(request: Request) -> Gateway:
    return request.app.state.gateway


Gate = Annotated[Gateway, Depends(get_gateway)]


class Calls:
    """Every POST of every protocol, as plain ASGI: what a framework does for a route takes as long as all the rest."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        protocol, path = _spoken(scope["path"])
        try:
            if protocol is None:
                speaks = f"It speaks {', '.join(CALLS)}."
                response = refusal("openai", NotFound("The gateway has no such protocol.", speaks))
            else:
                response = await _call(protocol, path, request, get_gateway(request))
        except Exception as error:  # noqa: BLE001 - it is told, and logged where nobody expected it
            response = await errors.answer_to(request, error)
        await response(scope, receive, send)


calls = Route("/gateway/{protocol}/{path:path}", Calls(), methods=["POST"], include_in_schema=False)


def is_call(scope: Scope) -> bool:
    """Whether `calls` is its route."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/gateway/"):
        return False
    return bool(_PATH.fullmatch(scope["path"]))


def _spoken(address: str) -> tuple[Protocol | None, str]:
    """Below `/gateway/ollama/v1` OpenAI's protocol is spoken, as Ollama does; the others are below their `v1`."""
    _, _, protocol, path = address.split("/", 3)
    below = path.removeprefix("v1/")
    if protocol == "ollama":
        return ("ollama" if below == path else "openai"), below
    known: dict[str, Protocol] = {"openai": "openai", "anthropic": "anthropic"}
    return (known.get(protocol) if below != path else None), below


@router.get("/files/{sha256}")
async def read_picture(sha256: str, request: Request, gateway: Gate) -> Response:
    """A file that somebody hung on something in the run's own project, for the agent that carries the run."""
    try:
        token = _token(gateway, request)
        async with gateway.db.read() as session:
            await active_run(session, token)
            path = await kept_file(session, token, sha256, request.app.state.hub.attachments)
        return FileResponse(path, media_type="application/octet-stream", headers=SAFE)
    except HubError as error:
        return refusal("openai", error)


@router.get("/openai/v1/{path:path}")
async def list_openai(path: str, request: Request, gateway: Gate) -> Response:
    return await _list("openai", path, request, gateway)


@router.get("/ollama/v1/{path:path}")
async def list_openai_of_ollama(path: str, request: Request, gateway: Gate) -> Response:
    return await _list("openai", path, request, gateway)


@router.get("/ollama/{path:path}")
async def list_ollama(path: str, request: Request, gateway: Gate) -> Response:
    return await _list("ollama", path, request, gateway)


@router.get("/anthropic/v1/{path:path}")
async def list_anthropic(path: str, request: Request, gateway: Gate) -> Response:
    return await _list("anthropic", path, request, gateway)


async def _list(protocol: Protocol, path: str, request: Request, gateway: Gateway) -> Response:
    try:
        await _running(gateway, request)
        if path not in LISTS[protocol]:
            raise _no_such(protocol, path)
        if protocol == "ollama":
            return JSONResponse(await ollama_models(gateway, path))
        return JSONResponse(await (openai_models(gateway) if protocol == "openai" else anthropic_models(gateway)))
    except HubError as error:
        return refusal(protocol, error)


async def _call(protocol: Protocol, path: str, request: Request, gateway: Gateway) -> Response:
    try:
        token = _token(gateway, request)
        if (protocol, path) in UNPAID:
            return await _unpaid(gateway, read_question(token, protocol, path, await request.body(), request.headers))
        if path not in CALLS[protocol]:
            raise _no_such(protocol, path)
        return Relay(gateway, read_question(token, protocol, path, await request.body(), request.headers))
    except HubError as error:
        return refusal(protocol, error)


async def _unpaid(gateway: Gateway, question: Question) -> Response:
    """What a provider knows of a model, or of a prompt's length: no model is asked, nothing is paid."""
    async with gateway.db.read() as session:
        await active_run(session, question.token)
    provider, model = resolve(gateway.providers, question.name)
    body = JSONResponse({**Hiding(gateway.secret).hide(question.body), "model": model}).body
    asking = ask(gateway, provider, question.protocol, question.path, bytes(body), model, question.headers)
    async with asking as response:
        return Response(await response.read(), media_type="application/json")


async def _running(gateway: Gateway, request: Request) -> None:
    token = _token(gateway, request)
    async with gateway.db.read() as session:
        await active_run(session, token)


def _token(gateway: Gateway, request: Request) -> RunToken:
    """Raises RunTokenInvalid. `x-api-key` is for clients that can't send a bearer."""
    scheme, _, offered = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        offered = request.headers.get("x-api-key", "")
    for before in gateway.secrets_before:  # a job that began before a rotation goes on with the token it has
        with suppress(RunTokenInvalid):
            return verify(before, offered.strip())
    return verify(gateway.secret, offered.strip())


def _no_such(protocol: Protocol, path: str) -> NotFound:
    unpaid = {name for spoken, name in UNPAID if spoken == protocol}
    calls = ", ".join(sorted(CALLS[protocol] | LISTS[protocol] | unpaid))
    return NotFound(f"The gateway has no {path}.", f"It answers {calls}.")
