"""The door: Host, Origin, who you are and the body's size, on HTTP and WebSocket, before any route runs."""

import hmac
import re
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from main_api import page
from main_api.errors import problem_of
from main_api.refusals import BodyTooLarge, HostRefused, OriginRefused, Unauthorized
from main_api.settings import MainSettings
from main_api.uploads import body_limit
from services.domain.errors import HubError

OPEN_PATHS = frozenset({"/health", "/login"}) | page.OPEN_PATHS
GATEWAY = "/gateway/"  # runs come with a token of their own, which the gateway checks
HOST = re.compile(r"(\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:\d{1,5})?")
SAFE = frozenset({"GET", "HEAD"})
FROM_HERE = frozenset({"same-origin", "none"})  # Sec-Fetch-Site: our page, or what a person typed
BEARER_PROTOCOL = "bearer."  # a browser can't set headers on a WebSocket, but it can offer subprotocols


class Door:
    """Pure ASGI: it sees WebSocket handshakes as well, and adds no task to a request."""

    def __init__(self, app: ASGIApp, settings: MainSettings) -> None:
        self.app = app
        self.token = settings.token.get_secret_value().encode()
        self.hosts = frozenset(host.lower() for host in settings.allowed_hosts)
        self.origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)
        self.max_body, self.max_file = settings.max_body_bytes, settings.attachment_max_bytes
        self.cookie = settings.cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            self._check_origin(headers)
            await self._check_caller(scope, headers)
            limit = body_limit(scope["path"], self.max_body, self.max_file)
            self._check_size(headers, limit)
        except HubError as refusal:
            await _refuse(problem_of(refusal), scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, self._limited(receive, limit), _never_guessed(send))

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

    async def _check_caller(self, scope: Scope, headers: Headers) -> None:
        """The owner's token, or the cookie of an open session; the session's hash is then in the scope."""
        path: str = scope["path"]
        if scope["type"] == "http" and (path in OPEN_PATHS or path.startswith((GATEWAY, page.ASSETS))):
            return
        if self._has_token(scope, headers):
            return
        token = cookie_parser(headers.get("cookie", "")).get(self.cookie)
        if token:
            self._check_own_page(scope, headers)
            scope["wfhub.session"] = await scope["app"].state.hub.signed_in.check(token)
        if not scope.get("wfhub.session"):
            raise Unauthorized(
                "You are not signed in." if token else "The owner's token is missing or wrong.",
                "Open the link that `wf login` prints, or send Authorization: Bearer <WFHUB_TOKEN from .env>.",
            )

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        offered = [*_from_authorization(headers)]
        if scope["type"] == "websocket":
            offered += _from_protocols(scope.get("subprotocols", ()))
        return any(hmac.compare_digest(token.encode(), self.token) for token in offered)

    def _check_own_page(self, scope: Scope, headers: Headers) -> None:
        """A browser adds the cookie by itself, also for a page of another port of this host: who asks has to show.

        What changes something, and a WebSocket, needs an Origin (one that is there was checked). What only reads has
        none from our own page, but a browser says when another one asked.
        """
        if "origin" in headers:
            return
        if scope["type"] == "websocket" or scope["method"] not in SAFE:
            raise OriginRefused(
                "With a session's cookie this needs an Origin header, as the hub's own page sends it.",
                "A program sends Authorization: Bearer <WFHUB_TOKEN from .env> instead.",
            )
        if headers.get("sec-fetch-site", "none") not in FROM_HERE:
            raise OriginRefused("A web page from elsewhere may not read this hub.", "Open the hub's own page.")

    def _check_size(self, headers: Headers, limit: int) -> None:
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            raise self._too_large(limit)

    def _too_large(self, limit: int) -> BodyTooLarge:
        setting = "MAX_BODY_BYTES" if limit == self.max_body else "ATTACHMENT_MAX_BYTES"
        return BodyTooLarge(f"The body is above {limit} bytes.", f"Send less, or raise {setting}.")

    def _limited(self, receive: Receive, limit: int) -> Receive:
        """Counts what comes, as a chunked body tells no length."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:  # FastAPI passes HTTPException on, and makes 400 of anything else
                raise HTTPException(413, str(self._too_large(limit)))
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


def _never_guessed(send: Send) -> Send:
    """No browser may take an answer for what its media type does not say."""

    async def with_header(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
        await send(message)

    return with_header


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
