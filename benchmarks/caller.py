"""One caller of a model on one connection that stays open; it costs less than what it measures."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass
from typing import Self, cast


@dataclass(frozen=True)
class Door:
    """Where models are asked, in OpenAI's protocol. `model` is the name there, `token` what lets one in, `pid` the
    process that answers."""

    name: str
    pid: int
    port: int
    path: str
    model: str
    token: str = ""

    def request(self, prompt: str, stream: bool) -> bytes:
        """Each one differs, as a question that was answered before is answered from the store."""
        asked = {"model": self.model, "messages": [{"role": "user", "content": f"{uuid.uuid4()} {prompt}"}]}
        body = json.dumps({**asked, "stream": stream, "max_tokens": 1000}).encode()
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
        allowed = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return f"{head}{allowed}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(frozen=True)
class Timed:
    """Milliseconds from the request to the answer's first byte (not its headers') and to its last."""

    first: float
    whole: float


class Caller(asyncio.Protocol):
    """Ask one question after the other."""

    @classmethod
    async def connect(cls, door: Door) -> Self:
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", door.port)
        return made

    async def ask(self, request: bytes) -> Timed:
        """Raises ConnectionError for any answer but a complete one with status 200."""
        self._came, self._first = bytearray(), 0.0
        self._done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        self._transport.write(request)
        ended = await self._done
        if not self._came.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(bytes(self._came[:1000]))
        return Timed((self._first - begun) * 1000, (ended - begun) * 1000)

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of another class

    def data_received(self, data: bytes) -> None:
        moment = time.perf_counter()
        self._came += data
        begins = self._came.find(b"\r\n\r\n") + 4
        if begins < 4 or begins == len(self._came):
            return
        self._first = self._first or moment
        if self._is_whole(begins) and not self._done.done():
            self._done.set_result(moment)

    def connection_lost(self, exc: Exception | None) -> None:
        done = getattr(self, "_done", None)
        if done is not None and not done.done():
            done.set_exception(ConnectionError(f"broken off after {bytes(self._came[-300:])!r}"))

    def _is_whole(self, begins: int) -> bool:
        length = bytes(self._came[:begins]).lower().partition(b"content-length:")[2]
        if length:
            return len(self._came) - begins >= int(length.partition(b"\r\n")[0])
        return self._came.endswith(b"0\r\n\r\n")
