"""The headers that every answer has, refusals included: no browser may guess, frame, embed or tell on what it got."""

from starlette.types import Message, Send

# An answer's own header wins: the page says what its scripts may do, a download is in a sandbox.
ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": (
        b"camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), serial=(), hid=(), midi=()"
    ),
}
NOT_KEPT, ASKED_ABOUT = b"no-store", b"private, no-cache"


def with_safe_headers(send: Send) -> Send:
    """Adds what the answer has not. Data is kept in no cache, but for what has an ETag, which is asked about first."""

    async def added(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [(name, value) for name, value in ALWAYS.items() if name not in names]
            if b"cache-control" not in names:
                given.append((b"cache-control", ASKED_ABOUT if b"etag" in names else NOT_KEPT))
            message = {**message, "headers": given}
        await send(message)

    return added
