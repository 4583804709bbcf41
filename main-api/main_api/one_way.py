"""A WebSocket that only tells: it sends until all is sent, or its reader has gone."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

PROTOCOL = "wfhub.events"


def _nothing() -> None:
    """What most readers say means nothing."""


async def tell(
    websocket: WebSocket, sending: Coroutine[object, object, None], heard: Callable[[], None] = _nothing
) -> None:
    """Accepts, and carries `sending` until it or the connection ends; nothing of it goes on afterwards. `heard` is
    called for each message of the reader.

    Raises what `sending` raises: the connection ends then, so that the reader comes again and waits for nothing.
    """
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    sender, hearing = asyncio.create_task(sending), asyncio.create_task(_hear(websocket, heard))
    try:
        await asyncio.wait({sender, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sender, hearing):
            task.cancel()
        await asyncio.gather(sender, hearing, return_exceptions=True)
    with suppress(asyncio.CancelledError, WebSocketDisconnect, OSError):
        sender.result()


async def _hear(websocket: WebSocket, heard: Callable[[], None]) -> None:
    """Listening is how a closed connection is noticed."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        heard()
