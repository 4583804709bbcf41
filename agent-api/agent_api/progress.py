"""Whether a job gets anywhere: something new was said, changed, called or measured. A heartbeat is no progress.

What a program prints counts only where it is new: a line that was printed before, but for the times in it, is a sign of
life and nothing else. So is a file that is written again as it was.
"""

import os
import re
import stat
import time
import zlib
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contract.run_event import EventKind

REMEMBERED = 4096  # lines and calls
MOST_FILES = 20_000
READ_BYTES, ALL_BYTES = 262_144, 50_000_000  # of a file, of all of them; a larger one is told by its size
LONGEST_WORDS = 160
_NO_PROGRESS = frozenset({"notice", "started", "finished"})
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d(:\d\d)?(\.\d+)?|\d+(\.\d+)?\s*(ms|s|sec|secs|seconds?|min|mins|minutes?|m|h)\b", re.I
)
_SAID: dict[str, str] = {
    "tool_call": "called {}", "tool_result": "had the answer of a tool", "edit": "edited {}", "output": "printed {}",
    "tests": "tests: {}", "thought": "the model wrote {}", "model_turn": "had an answer of its model",
    "asked": "was asked {}",
}  # fmt: skip


class Progress:
    """`at` is when something moved last, on the monotonic clock, and `since` the same for people. `last` says what."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._line = ""
        self.last = ""
        self.begin()

    def begin(self) -> None:
        self.at, self.since = time.monotonic(), datetime.now(UTC)

    def take(self, kind: EventKind, text: str, data: dict[str, Any]) -> bool:
        """Whether the event is progress; if so, the clock begins anew."""
        if kind in _NO_PROGRESS:
            return False
        marks = self._of_output(text, data) if kind == "output" else [(kind, text, data.get("turn"))]
        fresh = [mark for mark in marks if self._is_new(mark)]
        if not fresh:
            return False
        self.begin()
        words = str(fresh[-1][1]) if kind == "output" else text
        self.last = _SAID.get(kind, "{}").format(" ".join(words.split())[:LONGEST_WORDS]).strip()
        return True

    def _of_output(self, text: str, data: dict[str, Any]) -> list[tuple[Any, ...]]:
        """A mark for each line, and one for the line that is not at its end: a dot more is a test more."""
        if not text:
            return [("output", "", data.get("digest"))]
        *lines, self._line = re.split(r"[\r\n]+", self._line + text)
        marks: list[tuple[Any, ...]] = [("output", _TIMES.sub("", line).strip(), 0) for line in lines if line.strip()]
        if self._line.strip():
            marks.append(("output", _TIMES.sub("", self._line[:READ_BYTES]).strip()[-LONGEST_WORDS:], len(self._line)))
        self._line = self._line[-READ_BYTES:]
        return marks

    def _is_new(self, mark: tuple[Any, ...]) -> bool:
        key = hash(mark)
        if key in self._seen:
            self._seen.move_to_end(key)
            return False
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def files_of(worktree: Path) -> int:
    """What the worktree holds, as one number that changes with any file that is made, removed or written differently.

    Looks at MOST_FILES, and into ALL_BYTES of them; of what is beyond, the size counts.
    """
    told, files, left = 0, 0, ALL_BYTES
    for folder, folders, names in os.walk(worktree):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            if (files := files + 1) > MOST_FILES:
                return told
            seen = _file(f"{folder}/{name}", left)
            left -= len(seen)
            told = zlib.crc32(seen, told)
    return told


def _file(path: str, left: int) -> bytes:
    name = path.encode(errors="replace")
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > min(READ_BYTES, left):
            return b"%s %d" % (name, found.st_size)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # it may be another by now: never wait
        try:
            return name + os.read(handle, READ_BYTES)
        finally:
            os.close(handle)
    except OSError:  # it went away meanwhile, or is not for this user's eyes
        return name
