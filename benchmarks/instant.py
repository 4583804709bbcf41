"""A model that answers at once, on a port of this machine: `python -m benchmarks.instant` prints the port.

It speaks just enough of the OpenAI protocol, in one small protocol class, so that what is measured is who stands before
it. Asked to drip slowly, it streams a word each quarter of a second.
"""

import asyncio
import json
from typing import Any, cast

import uvloop

WORDS = ("One ", "whole ", "answer.")
SLOWLY, DRIPS, DRIP_SECONDS = b"Drip slowly.", 40, 0.25
_USAGE = {"prompt_tokens": 200, "completion_tokens": 3, "total_tokens": 203}


def _event(**fields: Any) -> bytes:
    told = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", **fields}
    data = b"data: " + json.dumps(told).encode() + b"\n\n"
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _word(text: str) -> bytes:
    return _event(choices=[{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}])


def _whole() -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": "".join(WORDS)}, "finish_reason": "stop"}
    told = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": _USAGE}
    body = json.dumps(told).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"".join(
    (
        _event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        _event(choices=[], usage=_USAGE),
        b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
    )
)
WHOLE, STREAM = _whole(), _HEAD + b"".join(map(_word, WORDS)) + _END


class Instant(asyncio.Protocol):
    """One connection: a request is answered when its body's last byte is here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._came = cast(asyncio.Transport, transport), b""  # uvloop's is of another class

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._came = b""
        if SLOWLY in body:
            asyncio.get_running_loop().create_task(self._drip())
        else:
            self._transport.write(STREAM if b'"stream":true' in body.replace(b" ", b"") else WHOLE)

    async def _drip(self) -> None:
        self._transport.write(_HEAD)
        for _ in range(DRIPS):
            self._transport.write(_word("drip "))
            await asyncio.sleep(DRIP_SECONDS)
        self._transport.write(_END)


def _length(head: bytes) -> int:
    told = head.lower().partition(b"content-length:")[2]
    return int(told.partition(b"\r\n")[0] or 0)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Instant, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
