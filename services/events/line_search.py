"""Where a number stands in a file of numbered JSON lines, by halves: lines stay as they are, numbers only grow."""

import json
from pathlib import Path
from typing import BinaryIO

NEAR_BYTES = 64 * 1024  # less than this is read through


def byte_before(path: Path, number: int) -> int:
    """The beginning of a line of which all lines before have a `seq` of at most `number`."""
    low, high = 0, path.stat().st_size
    if number <= 0 or high <= NEAR_BYTES:
        return 0
    with path.open("rb") as file:
        while high - low > NEAR_BYTES:
            middle = (low + high) // 2
            begin, seq = _line_from(file, middle, high)
            if seq is None or seq > number:
                high = middle
            else:
                low = begin
    return low


def _line_from(file: BinaryIO, position: int, end: int) -> tuple[int, int | None]:
    """The first whole line that begins after a byte, and its number; None where there is none before the end."""
    file.seek(position)
    file.readline()
    while (begin := file.tell()) < end:
        line = file.readline()
        if not line.endswith(b"\n"):
            break
        try:
            return begin, int(json.loads(line)["seq"])
        except (ValueError, KeyError, TypeError):
            continue  # the cut line of a crash, followed by its successor's lines
    return end, None
