"""A WebSocket that only tells: it sends until all is sent, or its reader has gone."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from main_api.live import PROTOCOL


async def tell(websocket: WebSocket, sending: Coroutine[object, object, None]) -> None:
    """Accepts, and carries `sending` until it or the connection ends; nothing of it goes on afterwards."""
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    sender = asyncio.create_task(sending)
    hearing = asyncio.create_task(_hear(websocket))
    try:
        await asyncio.wait({sender, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sender, hearing):
            task.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, OSError):
                await task


async def _hear(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass  # a reader says nothing; listening is how a closed connection is noticed
