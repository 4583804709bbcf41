"""Who calls: the tokens that a request offers, and the limit on wrong ones."""

import hmac
from collections.abc import Iterable

import structlog
from starlette.datastructures import Headers
from starlette.types import Scope

from main_api.ollama_proxy.tokens import offered as ollama_tokens
from main_api.refusals import TooManyFailures
from main_api.settings import MainSettings
from services.sessions.failures import FailedSignIns, Limits

BEARER_PROTOCOL = "bearer."  # a browser can't set headers on a WebSocket, but it can offer subprotocols
log = structlog.get_logger(__name__)


class Callers:
    """Compares in constant time, and counts what was wrong."""

    def __init__(self, settings: MainSettings) -> None:
        self._token = settings.token.get_secret_value().encode()
        per_client, overall = settings.login_failures_per_client, settings.login_failures_overall
        self._failures = FailedSignIns(Limits(per_client, overall, settings.login_failure_seconds))

    def is_owner(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(errors="surrogateescape"), self._token)

    def check_may_try(self, scope: Scope) -> None:
        """Raises TooManyFailures for a client of its own address that was wrong too often."""
        if wait := self._failures.shut_out(address_of(scope)):
            raise too_many(wait)

    def failed(self, scope: Scope) -> None:
        """Counts one wrong token or link. Raises TooManyFailures when that is above the limit."""
        address = address_of(scope)
        if wait := self._failures.failed(address):
            log.warning("sign_in.too_many_failures", client=address, path=scope["path"], retry_after_seconds=wait)
            raise too_many(wait)


def too_many(wait: int) -> TooManyFailures:
    return TooManyFailures(
        "Too many wrong tokens or sign-in links came from there.",
        f"Try again in {wait} s. What is right is in .env; a fresh link prints `wf login`.",
        retry_after_seconds=wait,
    )


def address_of(scope: Scope) -> str:
    return (scope.get("client") or ("", 0))[0]


def offered_tokens(scope: Scope, headers: Headers) -> list[str]:
    offered = [*_from_authorization(headers), *ollama_tokens(scope["path"], headers.getlist("authorization"))]
    if scope["type"] == "websocket":
        offered += [
            protocol.removeprefix(BEARER_PROTOCOL)
            for protocol in scope.get("subprotocols", ())
            if protocol.startswith(BEARER_PROTOCOL)
        ]
    return offered


def _from_authorization(headers: Headers) -> Iterable[str]:
    for value in headers.getlist("authorization"):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "bearer":
            yield token.strip()
