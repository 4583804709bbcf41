"""The door: Host, Origin, who you are and what you send, on HTTP and WebSocket, before any route runs."""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from main_api import page
from main_api.denial import answer_or_deny
from main_api.door import names, sockets
from main_api.door.bodies import GATEWAY, BodyLimits
from main_api.door.callers import Callers, offered_tokens
from main_api.door.headers import with_safe_headers
from main_api.errors import problem_of
from main_api.refusals import OriginRefused, Unauthorized
from main_api.settings import MainSettings
from services.domain.errors import HubError

OPEN_PATHS = frozenset({"/health", "/login"}) | page.OPEN_PATHS
LINKED = OPEN_PATHS - {"/health"}  # what a link in a page from elsewhere may lead to
SAFE = frozenset({"GET", "HEAD"})


class Door:
    """Pure ASGI: it sees WebSocket handshakes as well, and adds no task to a request."""

    def __init__(self, app: ASGIApp, settings: MainSettings) -> None:
        self.app = app
        self.hosts = names.known_hosts(settings.allowed_hosts)
        self.origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)
        self.bodies = BodyLimits(
            usual=settings.max_body_bytes,
            gateway=settings.gateway_max_body_bytes,
            file=settings.attachment_max_bytes,
            files=settings.request_max_bytes,
            seconds=settings.body_timeout_seconds,
        )
        self.cookie = settings.cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = with_safe_headers(send)
        is_open = _is_open(scope)
        try:
            self._check_host(headers)
            self._check_origin(headers)
            self._check_fetch_site(scope, headers)
            if not is_open and not scope["path"].startswith(GATEWAY):  # runs bring tokens, which the gateway checks
                await self._check_caller(scope, headers)
            limit = self.bodies.of(scope["path"], known=not is_open)
            limit.check(headers)
        except HubError as refusal:
            await answer_or_deny(problem_of(refusal), scope, receive, send)
            return
        if scope["type"] == "http":
            await self.app(scope, self.bodies.counted(receive, limit), send)
        elif scope.get("wfhub.session"):
            signed_in = scope["app"].state.hub.signed_in
            await sockets.serve_while_signed_in(self.app, scope, receive, send, signed_in)
        else:
            await self.app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        names.check_host(headers, self.hosts)

    def _check_origin(self, headers: Headers) -> None:
        names.check_origin(headers, self.origins)

    def _check_fetch_site(self, scope: Scope, headers: Headers) -> None:
        opens = scope["type"] == "http" and scope["method"] in SAFE and scope["path"] in LINKED
        names.check_fetch_site(headers, opens)

    async def _check_caller(self, scope: Scope, headers: Headers) -> None:
        """The owner's token, or the cookie of an open session; the session's hash is then in the scope."""
        offered = offered_tokens(scope, headers)
        callers: Callers = scope["app"].state.hub.callers
        if offered:
            callers.check_may_try(scope)
            if any(callers.is_owner(token) for token in offered):
                return
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie)
        if cookie:
            self._check_own_page(scope, headers)
            scope["wfhub.session"] = await scope["app"].state.hub.signed_in.check(cookie)
        if scope.get("wfhub.session"):
            return
        if offered:
            callers.failed(scope)
        raise Unauthorized(
            "You are not signed in." if cookie else "The owner's token is missing or wrong.",
            "Open the link that `wf login` prints, or send Authorization: Bearer <WFHUB_TOKEN from .env>.",
        )

    def _check_own_page(self, scope: Scope, headers: Headers) -> None:
        """A browser adds the cookie by itself, also for a page of another port of this host: who asks has to show.

        What changes something, and a WebSocket, needs an Origin, which was checked. What only reads has none from our
        own page; there Sec-Fetch-Site was checked.
        """
        if "origin" not in headers and (scope["type"] == "websocket" or scope["method"] not in SAFE):
            raise OriginRefused(
                "With a session's cookie this needs an Origin header, as the hub's own page sends it.",
                "A program sends Authorization: Bearer <WFHUB_TOKEN from .env> instead.",
            )


def _is_open(scope: Scope) -> bool:
    """What needs nobody: the page's files, signing in, and whether the hub is up."""
    return scope["type"] == "http" and (scope["path"] in OPEN_PATHS or scope["path"].startswith(page.ASSETS))
