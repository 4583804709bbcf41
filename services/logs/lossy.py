"""A stream for log lines whose loss breaks nothing: the disk of the log may be full, or its reader gone."""

from typing import TextIO


class Lossy:
    """Writes to `stream`; lines that it does not take are counted, and the number is told once it takes lines again.

    A log line is told in the middle of the work, often while something else is amiss: it must not be what ends it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0

    def write(self, text: str) -> int:
        try:
            if self._lost:
                self._stream.write(f"{self._lost} log lines were lost: the log could not be written\n")
                self._lost = 0
            return self._stream.write(text)
        except OSError:
            self._lost += text.count("\n") or 1
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._lost += 1
