"""A command's output as events: several times a second at most, bounded in all."""

import time

from agent_api.executors import Emit

_EVERY_SECONDS = 0.2
_LONGEST = 16_384


class OutputEvents:
    """Call it with chunks of output; `flush` at the end. Past `limit` bytes it says once that the rest is not shown."""

    def __init__(self, emit: Emit, limit: int, **data: str) -> None:
        self._emit = emit
        self._left = limit
        self._data = data
        self._waiting = bytearray()
        self._due = 0.0

    def __call__(self, chunk: bytes) -> None:
        if self._left <= 0:
            self._emit("output", "", shown=False, **self._data)  # still progress
            return
        self._left -= len(chunk)
        self._waiting += chunk
        if time.monotonic() >= self._due or len(self._waiting) >= _LONGEST:
            self.flush()
        if self._left <= 0:
            self._emit("notice", "The output goes on beyond its limit; the rest is not shown here.", **self._data)

    def flush(self) -> None:
        while self._waiting:
            self._emit("output", self._waiting[:_LONGEST].decode(errors="replace"), **self._data)
            del self._waiting[:_LONGEST]
        self._due = time.monotonic() + _EVERY_SECONDS
