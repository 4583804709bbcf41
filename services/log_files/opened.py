"""All files of one log, opened: what is renamed or dropped meanwhile is still read to its end."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.log_files.position import Position, id_of

MOST_LINE = 1_000_000  # bytes; a longer line is taken in pieces
SETTLED_SECONDS = 2.0  # a last line without an end that nobody has written to for so long is taken as it is
CONTEXT = 16_384
LITTLE = 4_096


@dataclass(frozen=True)
class OpenFile:
    """`size` is where its last whole line ended when it was opened."""

    id: str
    number: int
    size: int
    file: int = field(repr=False)

    def read(self, start: int, end: int) -> bytes:
        return os.pread(self.file, max(0, end - start), start)

    def before(self, start: int) -> bytes:
        """What stands before it, as far as a secret may reach over it."""
        return self.read(max(0, start - CONTEXT), start)


@dataclass(frozen=True)
class Spot:
    """A place among the opened files: the number of the file, the oldest first, and bytes in it."""

    index: int
    offset: int

    def __lt__(self, other: "Spot") -> bool:
        return (self.index, self.offset) < (other.index, other.offset)

    def __le__(self, other: "Spot") -> bool:
        return not other < self


@dataclass(frozen=True)
class OpenLog:
    """`files`, the oldest first."""

    files: tuple[OpenFile, ...]

    @property
    def begin(self) -> Spot:
        return Spot(0, 0)

    @property
    def end(self) -> Spot:
        return Spot(len(self.files) - 1, self.files[-1].size) if self.files else Spot(0, 0)

    def position(self, spot: Spot) -> str:
        """Empty in a log without lines."""
        return str(Position(self.files[spot.index].id, spot.offset)) if self.files else ""

    def spot(self, position: str) -> Spot | None:
        """None where its file is no more, or was emptied."""
        wanted = Position.read(position)
        for index, one in enumerate(self.files):
            if one.id == wanted.file:
                return Spot(index, wanted.offset) if wanted.offset <= one.size else None
        return None

    def bytes_between(self, low: Spot, high: Spot) -> int:
        return sum(end - start for _, start, end in self.parts(low, high))

    def parts(self, low: Spot, high: Spot) -> Iterator[tuple[OpenFile, int, int]]:
        """File by file what lies between, the oldest first."""
        for index in range(low.index, high.index + 1 if self.files else 0):
            one = self.files[index]
            start = low.offset if index == low.index else 0
            end = high.offset if index == high.index else one.size
            if start < end:
                yield one, start, end


@contextmanager
def opened(path: Path) -> Iterator[OpenLog]:
    """From the newest file to the oldest: one that rotates meanwhile is met twice, and never missed."""
    with ExitStack() as closing:
        found: dict[int, OpenFile] = {}
        for number, each in paths(path):
            try:
                file = os.open(each, os.O_RDONLY)
            except FileNotFoundError:
                continue
            closing.callback(os.close, file)
            name = id_of(file)
            if name and os.fstat(file).st_ino not in found:
                found[os.fstat(file).st_ino] = OpenFile(name, number, _whole(file, number), file)
        yield OpenLog(tuple(reversed(found.values())))


def paths(path: Path) -> list[tuple[int, Path]]:
    """The log's files, the newest first, the one that is written to (number 0) whether it is there or not. Some numbers
    may be missing while it rotates: one beyond the highest is looked for, too."""
    form = re.compile(re.escape(path.name) + r"\.(\d{1,4})")
    numbers = [int(match[1]) for each in path.parent.glob(f"{path.name}.*") if (match := form.fullmatch(each.name))]
    return [(0, path)] + [(n, path.with_name(f"{path.name}.{n}")) for n in range(1, max(numbers, default=0) + 2)]


def _whole(file: int, number: int) -> int:
    """Where the last line ends that is whole."""
    status = os.fstat(file)
    size = status.st_size
    if number or time.time() - status.st_mtime > SETTLED_SECONDS:
        return size
    for most in (LITTLE, MOST_LINE):
        tail = os.pread(file, most, max(0, size - most))
        if (cut := tail.rfind(b"\n")) >= 0:
            return max(0, size - most) + cut + 1
    return size if size > MOST_LINE else 0
