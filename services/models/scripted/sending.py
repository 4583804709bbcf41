"""Sends an answer as it is, or spoils it as a rule's fault says."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

from services.models.scripted.rules import Fault

PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
DRIP_BYTES = 8
JSON = "application/json"


def page() -> web.Response:
    """What answers where somebody mistook the address."""
    return web.Response(body=PAGE, content_type="text/html")


async def send_pieces(
    request: web.Request, content_type: str, pieces: Iterable[bytes], fault: Fault | None
) -> web.StreamResponse:
    """Each piece as one write; a fault spoils it from the middle on."""
    response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
    await response.prepare(request)
    whole = list(pieces)
    half = max(1, len(whole) // 2)
    for piece in whole[:half]:
        await _write(response, piece, fault)
    if not await _spoil(request, response, whole[half:], fault):
        return response
    for piece in whole[half:]:
        await _write(response, piece, fault)
    await response.write_eof()
    return response


async def send_whole(request: web.Request, body: bytes, fault: Fault | None) -> web.StreamResponse:
    if fault is None or not fault.needs_answer:
        return web.Response(body=body, content_type=JSON)
    if fault.garbage:
        return web.Response(body=body[: len(body) // 2] + b"}]garbage", content_type=JSON)
    response = web.StreamResponse(headers={"Content-Type": JSON, "Content-Length": str(len(body))})
    await response.prepare(request)
    half = len(body) // 2
    await _write(response, body[:half], fault)
    if await _spoil(request, response, [body[half:]], fault):
        await _write(response, body[half:], fault)
        await response.write_eof()
    return response


def drop(request: web.Request) -> None:
    """The connection is reset: what the socket has not taken yet is thrown away."""
    if request.transport:
        request.transport.abort()


async def _spoil(request: web.Request, response: web.StreamResponse, rest: list[bytes], fault: Fault | None) -> bool:
    """In the middle of the answer. Whether the rest is still to be sent."""
    if fault and fault.stop_ms is not None:
        await asyncio.sleep(fault.stop_ms / 1000)
    if fault and fault.garbage and rest:
        await response.write(rest[0][: max(12, len(rest[0]) // 2)] + b"}]garbage\n\n")
    if fault and fault.cut:
        await asyncio.sleep(0.02)  # so that the first half leaves
        drop(request)
        return False
    return True


async def _write(response: web.StreamResponse, piece: bytes, fault: Fault | None) -> None:
    if fault is None or fault.drip_ms is None:
        await response.write(piece)
        return
    for start in range(0, len(piece), DRIP_BYTES):
        await response.write(piece[start : start + DRIP_BYTES])
        await asyncio.sleep(fault.drip_ms / 1000)
