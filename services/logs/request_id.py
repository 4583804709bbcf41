"""Gives each request an id, which its log lines, its answer and what it asks of other processes carry."""

import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

log = structlog.get_logger(__name__)
HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")  # nothing that could end a line, or hide in a terminal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class RequestId:
    """Pure ASGI, outermost. A caller's own id is taken over if it is sane, else it gets a fresh one.

    Answers with 500 and above are logged as warnings with what they took, all others at debug.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        number = _offered(scope) or f"{random.getrandbits(128):032x}"  # no secret
        scope.setdefault("state", {})["request_id"] = number
        begun, status = time.perf_counter(), 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (HEADER.lower().encode(), number.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=number)
        try:
            await self.app(scope, receive, answered)
        finally:
            tell = log.warning if status >= 500 else log.debug
            tell(
                "request.answered", method=scope.get("method", "WS"), path=scope["path"], status=status,
                ms=round((time.perf_counter() - begun) * 1000, 1),
            )  # fmt: skip
            structlog.contextvars.reset_contextvars(**bound)


def _offered(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name.lower() == b"x-request-id"]
    text = found[0].decode("latin-1") if len(found) == 1 else ""
    return text if SANE.fullmatch(text) else None
