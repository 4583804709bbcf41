"""How much a request's body may hold, and how long it may stand still."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from agent_api.errors import BodyTooLarge


def bounded(scope: Scope, receive: Receive, most: int, seconds: float) -> Receive:
    """`receive`, counted, as a chunked body tells no length. Raises BodyTooLarge for one that says it is too large."""
    length = Headers(scope=scope).get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    seen, whole = 0, False

    async def next_message() -> Message:
        nonlocal seen, whole
        if whole:  # what comes now is the end of the connection, whenever that is
            return await receive()
        try:
            async with asyncio.timeout(seconds):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, "The body came too slowly.", {"Connection": "close"}) from error
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > most:  # FastAPI passes HTTPException on, and makes 400 of anything else
            raise HTTPException(413, str(_too_large(most)))
        return message

    return next_message


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is above {most} bytes.", "Send less, or raise AGENT_MAX_BODY_BYTES.")
