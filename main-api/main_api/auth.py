"""The door: Host, Origin, the owner's bearer and the body's size, on HTTP and WebSocket, before any route runs."""

import hmac
import re
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from main_api.errors import problem_of
from main_api.refusals import BodyTooLarge, HostRefused, OriginRefused, Unauthorized
from main_api.settings import MainSettings
from services.domain.errors import HubError

OPEN_PATHS = frozenset({"/health"})
GATEWAY = "/gateway/"  # runs come with a token of their own, which the gateway checks
HOST = re.compile(r"(\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:\d{1,5})?")
BEARER_PROTOCOL = "bearer."  # a browser can't set headers on a WebSocket, but it can offer subprotocols


class Door:
    """Pure ASGI: it sees WebSocket handshakes as well, and adds no task to a request."""

    def __init__(self, app: ASGIApp, settings: MainSettings) -> None:
        self.app = app
        self.token = settings.token.get_secret_value().encode()
        self.hosts = frozenset(host.lower() for host in settings.allowed_hosts)
        self.origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)
        self.max_body = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            self._check_origin(headers)
            self._check_bearer(scope, headers)
            self._check_size(headers)
        except HubError as refusal:
            await _refuse(problem_of(refusal), scope, receive, send)
            return
        await self.app(scope, self._limited(receive) if scope["type"] == "http" else receive, send)

    def _check_host(self, headers: Headers) -> None:
        if len(headers.getlist("host")) != 1 or host_name(headers["host"]) not in self.hosts:
            raise HostRefused("This hub does not go by that name.", "Add the name to ALLOWED_HOSTS in .env.")

    def _check_origin(self, headers: Headers) -> None:
        """A page of the hub's own, an allowed one, or no page at all (curl, the CLI)."""
        for origin in headers.getlist("origin"):
            own = {f"http://{headers['host']}".lower(), f"https://{headers['host']}".lower()}
            if origin.lower() not in own | self.origins:
                raise OriginRefused(
                    "A web page from elsewhere may not call this hub.", "Add its origin to ALLOWED_ORIGINS in .env."
                )

    def _check_bearer(self, scope: Scope, headers: Headers) -> None:
        path: str = scope["path"]
        if scope["type"] == "http" and (path in OPEN_PATHS or path.startswith(GATEWAY)):
            return
        offered = [*_from_authorization(headers)]
        if scope["type"] == "websocket":
            offered += _from_protocols(scope.get("subprotocols", ()))
        if not any(hmac.compare_digest(token.encode(), self.token) for token in offered):
            raise Unauthorized(
                "The owner's token is missing or wrong.", "Send Authorization: Bearer <WFHUB_TOKEN from .env>."
            )

    def _check_size(self, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.max_body:
            raise self._too_large()

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body is above {self.max_body} bytes.", "Send less, or raise MAX_BODY_BYTES.")

    def _limited(self, receive: Receive) -> Receive:
        """Counts what comes, as a chunked body tells no length."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body:  # FastAPI passes HTTPException on, and makes 400 of anything else
                raise HTTPException(413, str(self._too_large()))
            return message

        return counted


def host_name(host: str) -> str:
    """The name in a Host header: lower case, without port, brackets or trailing dot; empty if it is none."""
    match = HOST.fullmatch(host.lower())
    return (match["v6"] or match["name"]).rstrip(".") if match else ""


def _from_authorization(headers: Headers) -> Iterable[str]:
    for value in headers.getlist("authorization"):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "bearer":
            yield token.strip()


def _from_protocols(protocols: Iterable[str]) -> list[str]:
    return [p.removeprefix(BEARER_PROTOCOL) for p in protocols if p.startswith(BEARER_PROTOCOL)]


async def _refuse(response: JSONResponse, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    await receive()  # websocket.connect
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": response.status_code,
                    "headers": response.raw_headers})  # fmt: skip
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await send({"type": "websocket.close", "code": 1008})
