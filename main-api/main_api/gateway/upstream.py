"""Asks a provider: one POST or GET, tried again only while nothing was sent, its errors named."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from main_api.gateway.gateway import Gateway
from services.domain.errors import HubError
from services.models.errors import ModelMissing, ModelRefused, UpstreamBusy, UpstreamFailed, UpstreamTimeout
from services.models.providers import Protocol, Provider
from services.redaction import KNOWN

PAUSES = (0.1, 0.4)  # seconds between attempts to connect
MAX_ERROR_BYTES = 64 * 1024
BROKEN = (aiohttp.ClientError, ConnectionError, OSError)


@asynccontextmanager
async def ask(
    gateway: Gateway, provider: Provider, protocol: Protocol, path: str, body: bytes | None, model: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The provider's answer with status 200; leaving the block frees the connection, or breaks it if unread.

    Raises ModelMissing, ModelRefused, UpstreamBusy, UpstreamFailed, UpstreamTimeout; also for what breaks in the block.
    """
    url = provider.url(protocol, path)
    try:
        async with await _connect(gateway, provider, url, body) as response:
            if response.status != 200:
                raise _refusal(provider, model, response.status, await response.content.read(MAX_ERROR_BYTES))
            yield response
    except TimeoutError as error:
        raise UpstreamTimeout(
            f"{provider.name} sent nothing for {gateway.silence_seconds:.0f} s.",
            "Look whether it is overloaded, or choose a smaller model.",
        ) from error
    except BROKEN as error:
        raise _failed(provider, error) from error


async def _connect(gateway: Gateway, provider: Provider, url: str, body: bytes | None) -> aiohttp.ClientResponse:
    """A call that may have reached the provider is never made twice: it may have been paid."""
    for pause in (*PAUSES, None):
        try:
            return await gateway.client(provider).request(
                "GET" if body is None else "POST",
                url,
                data=body,
                headers={"Content-Type": "application/json"} if body is not None else {},
                allow_redirects=False,  # the key stays where it belongs
            )
        except aiohttp.ClientConnectorError:
            if pause is None:
                raise
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def _failed(provider: Provider, error: BaseException) -> UpstreamFailed:
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamFailed(
            f"{provider.name} can't be reached at {error.host}:{error.port}.",
            "Start it, or correct its address in .env.",
        )
    return UpstreamFailed(
        f"{provider.name} broke off the connection ({type(error).__name__}).", "The same call can be made again."
    )


def _refusal(provider: Provider, model: str, status: int, raw: bytes) -> HubError:
    said = _message(raw, provider.key or "")
    if status == 404:
        pull = f"Pull it with: ollama pull {model}." if provider.name == "ollama" else "Choose a model that it has."
        return ModelMissing(f"{provider.name} does not have the model {model!r}: {said}", pull)
    if status in (408, 429):
        return UpstreamBusy(f"{provider.name} asks to come back later: {said}", "Wait, or choose another model.")
    if status >= 500 or status < 400:
        return UpstreamFailed(f"{provider.name} answered {status}: {said}", "Look at its log, then try again.")
    return ModelRefused(
        f"{provider.name} refused the call with {status}: {said}",
        "Look at its key in .env." if status in (401, 403) else "Choose another model, or correct the call.",
    )


def _message(raw: bytes, key: str) -> str:
    """One line of what a provider said of its error; some repeat the key, or the question."""
    try:
        said: Any = json.loads(raw)
    except ValueError:
        said = raw.decode("utf-8", "replace")
    if isinstance(said, dict):
        said = said.get("error", said)
    if isinstance(said, dict):
        said = said.get("message", said)
    with KNOWN.knowing("the provider's key", key):
        line = KNOWN(" ".join(str(said).split()))
    return line[:500] or "no reason given"
