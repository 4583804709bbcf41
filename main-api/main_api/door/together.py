"""An answer's head and its first bytes in one packet: one call of the system less, and its reader is woken once."""

import asyncio
from collections.abc import Callable
from typing import Any


class Together:
    """The transport of one answer. The first that is written waits for the second, or for the loop's next turn.

    `close` ends the connection after it.
    """

    __slots__ = ("_close", "_first", "_loop", "_transport", "_written")

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, close: Callable[[], None]
    ) -> None:
        self._transport, self._loop, self._close = transport, loop, close
        self._first, self._written = b"", False

    def write(self, data: bytes) -> None:
        if self._first:
            data, self._first = self._first + data, b""
            self._transport.write(data)
        elif self._written:
            self._transport.write(data)
        else:
            self._first, self._written = data, True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._close()

    def _flush(self) -> None:
        if self._first:
            first, self._first = self._first, b""
            self._transport.write(first)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
