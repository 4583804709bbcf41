"""The log file of this process: whatever it says goes there, and the file rotates while the process runs."""

import io
import os
import sys
import threading
from collections.abc import Mapping
from typing import TextIO, cast

from services.logs.rotation import VARIABLE, Rotation

STDOUT, STDERR = 1, 2


def stream_of(environ: Mapping[str, str]) -> TextIO:
    """Where log lines go: to the file that the stack named, or to standard error where it named none."""
    rotation = Rotation.told(environ.get(VARIABLE, ""))
    return sys.stderr if rotation is None else cast("TextIO", Kept(rotation))


class Kept(io.TextIOBase):
    """A stream of lines. Where standard error is the file itself, it moves along when the file rotates, so that what
    the interpreter says last is in the log too; where it is not, as in a container, a line goes to both."""

    def __init__(self, rotation: Rotation) -> None:
        self._rotation = rotation
        with rotation.lock():
            self._file = rotation.open()
            self._own = [number for number in (STDERR, STDOUT) if _is_ours(number, rotation)]
        self._move_along()
        self._lock = threading.Lock()
        self._begun = threading.local()

    def write(self, text: str, /) -> int:
        """Whole lines at once: others may write between two writes."""
        line = getattr(self._begun, "text", "") + text
        if not line.endswith("\n"):
            self._begun.text = line
            return len(text)
        self._begun.text = ""
        data = line.encode("utf-8", "backslashreplace")
        with self._lock:
            _write(self._file, data)
            if os.fstat(self._file).st_size >= self._rotation.file_bytes:
                self._rotate()
        if STDERR not in self._own:
            sys.stderr.write(data.decode())
        return len(text)

    def flush(self) -> None:
        """Every line is written at once."""

    def close(self) -> None:
        if not self.closed:
            os.close(self._file)
        super().close()

    def _rotate(self) -> None:
        """Another process of ours may have done it already: then this one only opens the file that there is."""
        with self._rotation.lock():
            if _same_file(self._file, self._rotation):
                self._rotation.put_aside()
            fresh = self._rotation.open()
        os.close(self._file)
        self._file = fresh
        self._move_along()

    def _move_along(self) -> None:
        for number in self._own:
            os.dup2(self._file, number)


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _is_ours(descriptor: int, rotation: Rotation) -> bool:
    """Whether it is the log, or was until another process rotated it."""
    try:
        there = os.fstat(descriptor)
    except OSError:  # a process may have no standard error
        return False
    files = (rotation.numbered(number) for number in range(rotation.files))
    return any(os.path.samestat(there, each.stat()) for each in files if each.exists())


def _same_file(file: int, rotation: Rotation) -> bool:
    try:
        return os.path.samestat(os.fstat(file), rotation.path.stat())
    except FileNotFoundError:
        return False
