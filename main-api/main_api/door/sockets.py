"""A WebSocket that a session let in ends with the session, also in the middle of what it is told."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from main_api.signed_in import SignedIn

LOOK_SECONDS = 15.0  # how often a session is looked at that may have ended by its time, or by another process
CLOSE_SECONDS = 5.0  # a reader that stopped reading does not hear that it is over
SIGNED_OUT = 1008
log = structlog.get_logger(__name__)


async def serve_while_signed_in(app: ASGIApp, scope: Scope, receive: Receive, send: Send, signed_in: SignedIn) -> None:
    """Runs the app, which is told of a disconnect when the session ends, whatever it is doing."""
    token_sha256: str = scope["wfhub.session"]
    with signed_in.connection(token_sha256) as ended:
        looking = asyncio.create_task(_look(signed_in, token_sha256, ended))
        over = asyncio.create_task(ended.wait())

        async def receive_or_end() -> Message:
            if not ended.is_set():
                coming = asyncio.ensure_future(receive())
                try:
                    await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
                    if coming.done():
                        return coming.result()
                finally:
                    coming.cancel()
            with suppress(TimeoutError, OSError, RuntimeError):  # it may be closing already
                async with asyncio.timeout(CLOSE_SECONDS):
                    await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})
            return {"type": "websocket.disconnect", "code": SIGNED_OUT, "reason": "signed out"}

        try:
            await app(scope, receive_or_end, send)
        finally:
            for task in (looking, over):
                task.cancel()


async def _look(signed_in: SignedIn, token_sha256: str, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await asyncio.sleep(LOOK_SECONDS)
        try:
            if not await signed_in.is_open(token_sha256):
                ended.set()
        except (
            SQLAlchemyError,
            OSError,
        ) as error:  # a database that is away ends no connection
            log.warning("sessions.look_failed", error=str(error))
