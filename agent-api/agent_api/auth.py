"""The door: Host, Origin and the owner's bearer, before any route runs."""

import hashlib
import hmac
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from agent_api.bodies import bounded
from agent_api.errors import HostRefused, Unauthorized
from agent_api.problems import problem_of
from agent_api.settings import AgentSettings
from services.domain.errors import HubError

OPEN_PATHS = frozenset({"/health"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")


class Door:
    """Pure ASGI. It knows the token's SHA-256 only, and compares in constant time."""

    def __init__(self, app: ASGIApp, settings: AgentSettings) -> None:
        self.app = app
        self._digest = settings.wfhub_token_sha256
        self._hosts = settings.allowed_hosts
        self._most_bytes, self._body_seconds = settings.agent_max_body_bytes, settings.agent_body_timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            try:
                self._check_names(headers)
                if scope["path"] not in OPEN_PATHS:
                    self._check_bearer(headers)
                receive = bounded(scope, receive, self._most_bytes, self._body_seconds)
            except HubError as refusal:
                await problem_of(refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check_names(self, headers: Headers) -> None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            raise HostRefused("This agent does not go by that name.", "Add the name to AGENT_ALLOWED_HOSTS.")
        for origin in headers.getlist("origin"):
            if _name(origin.partition("://")[2]) not in self._hosts:
                raise HostRefused("A web page from elsewhere may not call this agent.")

    def _check_bearer(self, headers: Headers) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        if scheme.lower() != "bearer" or not hmac.compare_digest(digest, self._digest):
            raise Unauthorized("The owner's token is missing or wrong.", "Send Authorization: Bearer <WFHUB_TOKEN>.")


def _name(host: str) -> str | None:
    """The name in a Host value, without its port; None for what is no host."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else None
