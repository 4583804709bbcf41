"""What is kept of a command's output: its beginning and its end, bounded, with the cut stated."""

from collections import deque


class BoundedOutput:
    """Keeps the first and the last half of `limit` bytes; memory stays bounded whatever is written."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self.total = 0

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if chunk:
            self._tail.append(chunk)
            self._tail_bytes += len(chunk)
        while self._tail and self._tail_bytes - len(self._tail[0]) >= self._half:
            self._tail_bytes -= len(self._tail.popleft())

    @property
    def truncated(self) -> bool:
        return self.total > 2 * self._half

    def kept(self) -> bytes:
        """The output, or its two ends around a line that says how much is missing."""
        tail = b"".join(self._tail)
        if not self.truncated:
            return bytes(self._head) + tail
        cut = f"\n[... {self.total - 2 * self._half} bytes cut ...]\n".encode()
        return bytes(self._head) + cut + tail[-self._half :]
