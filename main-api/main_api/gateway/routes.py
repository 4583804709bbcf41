"""The gateway's routes: read, ask, return. The gateway itself is `app.state.gateway`."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from main_api.gateway.gateway import Gateway
from main_api.gateway.listing import ollama_models, openai_models
from main_api.gateway.question import read_question
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
}
LISTS = frozenset({"api/tags", "api/ps"})


def get_gateway(request: Request) -> Gateway:
    return request.app.state.gateway


Gate = Annotated[Gateway, Depends(get_gateway)]


@router.post("/openai/v1/{path:path}")
async def ask_openai(path: str, request: Request, gateway: Gate) -> Response:
    return await _call("openai", path, request, gateway)


@router.post("/ollama/{path:path}")
async def ask_ollama(path: str, request: Request, gateway: Gate) -> Response:
    return await _call("ollama", path, request, gateway)


@router.get("/openai/v1/{path:path}")
async def list_openai(path: str, request: Request, gateway: Gate) -> Response:
    try:
        await _running(gateway, request)
        if path != "models":
            raise _no_such("openai", path)
        return JSONResponse(await openai_models(gateway))
    except HubError as error:
        return refusal("openai", error)


@router.get("/ollama/{path:path}")
async def list_ollama(path: str, request: Request, gateway: Gate) -> Response:
    try:
        await _running(gateway, request)
        if path not in LISTS:
            raise _no_such("ollama", path)
        return JSONResponse(await ollama_models(gateway, path))
    except HubError as error:
        return refusal("ollama", error)


async def _call(protocol: Protocol, path: str, request: Request, gateway: Gateway) -> Response:
    try:
        token = _token(gateway, request)
        if (protocol, path) == ("ollama", "api/show"):
            return await _show(gateway, token, await request.body())
        if path not in CALLS[protocol]:
            raise _no_such(protocol, path)
        return Relay(gateway, read_question(token, protocol, path, await request.body()))
    except HubError as error:
        return refusal(protocol, error)


async def _show(gateway: Gateway, token: RunToken, raw: bytes) -> Response:
    """What Ollama knows of a model: no model is asked, nothing is paid."""
    async with gateway.db.read() as session:
        await active_run(session, token)
    question = read_question(token, "ollama", "api/show", raw)
    provider, model = resolve(gateway.providers, question.name)
    body = JSONResponse({**question.body, "model": model}).body
    async with ask(gateway, provider, "ollama", "api/show", bytes(body), model) as response:
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
    calls = ", ".join(sorted(CALLS[protocol]))
    return NotFound(f"The gateway has no {path}.", f"It answers {calls}.")
