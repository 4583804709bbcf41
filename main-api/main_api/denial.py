"""A refusal for who wants a WebSocket: as an answer of HTTP before it is open, by the close afterwards."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

REFUSED, BROKEN = 1008, 1011
Handler = Callable[[HTTPConnection, Any], Awaitable[Response]]


async def answer_or_deny(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """The response, to a request of either kind of which nothing was received yet."""
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    await receive()  # websocket.connect
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": response.status_code,
                    "headers": response.raw_headers})  # fmt: skip
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await send({"type": "websocket.close", "code": REFUSED})


def of_either(handler: Handler) -> Callable[[HTTPConnection, Any], Awaitable[Response]]:
    """The handler of an error, for a WebSocket's too."""

    async def handled(connection: HTTPConnection, error: Exception) -> Response:
        answer = await handler(connection, error)
        if isinstance(connection, WebSocket) and connection.application_state is not WebSocketState.CONNECTING:
            if connection.application_state is WebSocketState.CONNECTED:
                await connection.close(BROKEN)
            return cast("Response", None)  # there is no answer any more
        return answer  # the framework sends it

    return handled
