"""Passes one call of a tool on to Ollama, and its answer back as it comes: no faster than the tool reads."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from yarl import URL

from main_api.gateway.gateway import Gateway
from main_api.gateway.refusals import body_of, status_of
from main_api.ollama_proxy.record import Record
from services.domain.errors import HubError
from services.models.errors import UpstreamFailed, UpstreamTimeout
from services.models.providers import Provider, if_away

BROKEN = (aiohttp.ClientError, ConnectionError, OSError)
PASSED_BACK = ("content-type", "retry-after")


@dataclass(frozen=True, slots=True)
class Asking:
    """A call as it came. `path` is below Ollama's root."""

    method: str
    path: str
    url: URL
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


class Passing(Response):
    """When the tool goes away, Ollama is cut off: nobody computes for nobody."""

    def __init__(self, gateway: Gateway, provider: Provider, asking: Asking) -> None:
        super().__init__()
        self.gateway, self.provider, self.asking = gateway, provider, asking
        self.record = Record(gateway, asking.path, asking.body)
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        work = asyncio.create_task(self._carry(send))
        watch = asyncio.create_task(_until_gone(receive))
        outcome, error = "answered", ""
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
            outcome, error = ("abandoned", "The client went away.") if work.cancelled() else work.result()
        finally:
            for task in (work, watch):
                task.cancel()
            await self.record.end(outcome, error)

    async def _carry(self, send: Send) -> tuple[str, str]:
        """The outcome, and the sentence of an error."""
        try:
            async with await self._ask() as response:
                await self._start(send, response.status, response.headers)
                async for chunk in response.content.iter_any():
                    self.record.feed(chunk)
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return ("answered" if self.record.status == 200 else "failed"), ""
        except ClientDisconnect:
            return "abandoned", "The client went away."
        except TimeoutError:
            silence = f"Ollama sent nothing for {self.gateway.silence_seconds:.0f} s."
            return await self._refuse(send, UpstreamTimeout(silence, "Look whether it is overloaded."))
        except BROKEN as error:
            return await self._refuse(send, self._away(error))

    async def _ask(self) -> aiohttp.ClientResponse:
        asking = self.asking
        return await self.gateway.client(self.provider).request(
            asking.method,
            asking.url,
            data=asking.body or None,
            headers=({"content-type": "application/json"} if asking.body else {}) | dict(asking.headers),
            allow_redirects=False,
        )

    async def _start(self, send: Send, status: int, headers: Mapping[str, str]) -> None:
        self._started, self.record.status, self.record.first = True, status, time.monotonic()
        kept = [(name.encode(), headers[name].encode()) for name in PASSED_BACK if name in headers]
        await send({"type": "http.response.start", "status": status, "headers": kept})

    async def _refuse(self, send: Send, error: HubError) -> tuple[str, str]:
        """In Ollama's words, also as the last line of a stream."""
        body = body_of("ollama", error) + b"\n"
        if not self._started:
            self.record.status = status_of(error)
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status_of(error), "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return "failed", str(error)

    def _away(self, error: BaseException) -> UpstreamFailed:
        if isinstance(error, aiohttp.ClientConnectorError):
            where = f"{error.host}:{error.port}"
            return UpstreamFailed(f"Ollama can't be reached at {where}.", if_away("ollama"))
        return UpstreamFailed(
            f"Ollama broke off the connection ({type(error).__name__}).", "The same call can be made again."
        )


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
