"""A command's output as events: several times a second at most, bounded in all, without secrets."""

import codecs
import time
import zlib

from agent_api.executors import Emit
from services.redaction import KNOWN, Stream

_EVERY_SECONDS = 0.2
_LONGEST = 16_384


class OutputEvents:
    """Call it with chunks of output; `flush` at the end. Past `limit` bytes it says once that the rest is not shown."""

    def __init__(self, emit: Emit, limit: int, **data: str) -> None:
        self._emit = emit
        self._left = limit
        self._data = data
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._clean = Stream(KNOWN)
        self._waiting: list[str] = []
        self._size = 0
        self._due = 0.0

    def __call__(self, chunk: bytes) -> None:
        if self._left <= 0:
            self._emit("output", "", shown=False, digest=zlib.crc32(chunk), **self._data)
            return
        self._left -= len(chunk)
        self._waiting.append(self._decode(chunk))
        self._size += len(chunk)
        if time.monotonic() >= self._due or self._size >= _LONGEST:
            self._tell(self._clean.feed(self._taken()))
        if self._left <= 0:
            self.flush()
            self._emit("notice", "The output goes on beyond its limit; the rest is not shown here.", **self._data)

    def flush(self) -> None:
        """The end: what was kept back because a secret might have begun there goes out as well."""
        self._tell(self._clean.feed(self._taken() + self._decode(b"", final=True)) + self._clean.end())

    def _taken(self) -> str:
        text, self._waiting, self._size = "".join(self._waiting), [], 0
        return text

    def _tell(self, text: str) -> None:
        for at in range(0, len(text), _LONGEST):
            self._emit("output", text[at : at + _LONGEST], **self._data)
        self._due = time.monotonic() + _EVERY_SECONDS
