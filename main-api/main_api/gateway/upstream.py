"""Asks a provider: one POST or GET, tried again only where nothing was answered or paid, its errors named."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.unsteady import refuses_temperature, without_temperature
from services.domain.errors import HubError
from services.models.errors import ModelMissing, ModelRefused, UpstreamBusy, UpstreamFailed, UpstreamTimeout
from services.models.providers import Protocol, Provider, if_away
from services.redaction import KNOWN

log = structlog.get_logger(__name__)
PAUSES = (0.1, 0.4)  # seconds between attempts to connect
LONGEST_WAIT = 10.0  # seconds; for more the client is told to come back
MAX_ERROR_BYTES = 64 * 1024
BROKEN = (aiohttp.ClientError, ConnectionError, OSError)
OVERLOADED = 529  # Anthropic's
LONGEST_TOLD = 3600.0
NO_LIMIT = nullcontext()
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@asynccontextmanager
async def ask(
    gateway: Gateway,
    provider: Provider,
    protocol: Protocol,
    path: str,
    body: bytes | None,
    model: str,
    headers: Mapping[str, str] | None = None,
    *,
    once: bool = False,
    begin_seconds: float | None = None,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The provider's answer with status 200; leaving the block frees the connection, or breaks it if unread.

    It has to begin within `begin_seconds`, None for no such limit. With `once` it is not tried again where it is away
    or busy: the caller wants to know that. A model that takes no temperature is asked without it.
    Raises ModelMissing, ModelRefused, UpstreamBusy, UpstreamFailed, UpstreamTimeout; also for what breaks in the block.
    """
    url = provider.url(protocol, path)
    sent = {**provider.headers(protocol), **(headers or {})}
    reach = _request if once else _until_free
    unsteady = (provider.name, model)
    if unsteady in gateway.unsteady:
        body = without_temperature(body) or body
    try:
        while True:
            async with NO_LIMIT if begin_seconds is None else asyncio.timeout(begin_seconds):
                answer = await reach(gateway, provider, url, body, sent)
            async with answer as response:
                if response.status == 200 and response.content_type != "text/html":
                    yield response
                    return
                raw = await response.content.read(MAX_ERROR_BYTES)
            plainer = without_temperature(body) if refuses_temperature(response.status, raw) else None
            if plainer is None:
                raise refusal_of(provider, model, response, raw)
            log.warning("gateway.no_temperature", provider=provider.name, model=model)
            gateway.unsteady.add(unsteady)
            body = plainer
    except TimeoutError as error:
        raise UpstreamTimeout(
            f"{provider.name} sent nothing for {min(begin_seconds or math.inf, gateway.silence_seconds):.0f} s.",
            "Look whether it is overloaded, or choose a smaller model.",
        ) from error
    except BROKEN as error:
        raise _failed(provider, error) from error


async def chunks_of(answer: aiohttp.ClientResponse, begin_seconds: float | None = None) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TimeoutError where it does not begin in that time, which `ask` then names."""
    begins = answer.content.readany()
    chunk = await (begins if begin_seconds is None else asyncio.wait_for(begins, begin_seconds))
    while chunk:
        yield chunk
        chunk = await answer.content.readany()


async def _until_free(
    gateway: Gateway, provider: Provider, url: str, body: bytes | None, headers: Mapping[str, str]
) -> aiohttp.ClientResponse:
    """What was turned away as too much was neither read nor paid: it is sent again, if that isn't long to wait for."""
    for pause in (*gateway.busy_pauses, None):
        response = await _connect(gateway, provider, url, body, headers)
        if response.status not in (429, OVERLOADED, 503):
            return response
        told = retry_after(response.headers)
        turned_away = response.status != 503 or told is not None
        wait = pause if told is None else told
        if not turned_away or pause is None or wait is None or wait > LONGEST_WAIT:
            return response
        response.close()
        await asyncio.sleep(wait)
    raise AssertionError("unreachable")


async def _connect(
    gateway: Gateway, provider: Provider, url: str, body: bytes | None, headers: Mapping[str, str]
) -> aiohttp.ClientResponse:
    """A call that may have reached the provider is never made twice: it may have been paid."""
    for pause in (*PAUSES, None):
        try:
            return await _request(gateway, provider, url, body, headers)
        except aiohttp.ClientConnectorError:
            if pause is None:
                raise
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def _request(
    gateway: Gateway, provider: Provider, url: str, body: bytes | None, headers: Mapping[str, str]
) -> aiohttp.ClientResponse:
    return await gateway.client(provider).request(
        "GET" if body is None else "POST",
        url,
        data=body,
        headers={**headers, "Content-Type": "application/json"} if body is not None else headers,
        allow_redirects=False,  # the key stays where it belongs
    )


def _failed(provider: Provider, error: BaseException) -> UpstreamFailed:
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamFailed(
            f"{provider.name} can't be reached at {error.host}:{error.port}.",
            if_away(provider.name),
        )
    return UpstreamFailed(
        f"{provider.name} broke off the connection ({type(error).__name__}).", "The same call can be made again."
    )


def refusal_of(provider: Provider, model: str, response: aiohttp.ClientResponse, raw: bytes) -> HubError:
    status, said = response.status, _message(raw, provider.key or "")
    if response.content_type == "text/html" and status < 500:
        return UpstreamFailed(
            f"{provider.name} answered with a web page: {said}",
            "Correct its address in the settings: it is another program's, or a proxy's that asks to sign in.",
        )
    if status == 404:
        pull = f"Pull it with: ollama pull {model}." if provider.name == "ollama" else "Choose a model that it has."
        return ModelMissing(f"{provider.name} does not have the model {model!r}: {said}", pull)
    if status in (408, 429, OVERLOADED):
        wait = retry_after(response.headers)
        told = {} if wait is None else {"retry_after_seconds": math.ceil(wait)}
        when = "Wait" if wait is None else f"Wait {math.ceil(wait)} s"
        return UpstreamBusy(
            f"{provider.name} asks to come back later: {said}", f"{when}, or choose another model.", **told
        )
    if status >= 500 or status < 400:
        return UpstreamFailed(f"{provider.name} answered {status}: {said}", "Look at its log, then try again.")
    return ModelRefused(
        f"{provider.name} refused the call with {status}: {said}",
        "Look at its key in the settings (Models and keys)."
        if status in (401, 403)
        else "Choose another model, or correct the call.",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, also of a date; None where nothing readable is told. A clock that is wrong can't make it long."""
    told = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", told):
        return min(float(told), LONGEST_TOLD)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_TOLD)


def _message(raw: bytes, key: str) -> str:
    """One line of what a provider said of its error; some repeat the key, or the question."""
    text = raw.decode("utf-8", "replace")
    try:
        said: Any = json.loads(raw)
    except ValueError:
        title = _TITLE.search(text)
        said = title[1] if title else _TAG.sub(" ", text)
    if isinstance(said, dict):
        said = said.get("error", said)
    if isinstance(said, dict):
        said = said.get("message", said)
    with KNOWN.knowing("the provider's key", key):
        line = KNOWN(" ".join(str(said).split()))
    return line[:500] or "no reason given"
