"""One look into a log, piece by piece: whoever asks can stop between two of them, and go on later where it stopped."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.log_files.clean import clean_lines
from services.log_files.line import Line, read_line
from services.log_files.opened import MOST_LINE, OpenFile, OpenLog, Spot
from services.log_files.wanted import Wanted

PIECE = 131_072
COUNTED = 4_000_000


@dataclass(frozen=True)
class Skipped:
    """Lines between two positions that were not looked at, or not shown."""

    after: str
    before: str
    lines: int


@dataclass(frozen=True)
class Page:
    """`lines`, the oldest first, of what lies between `first` and `last`. Send `first` as `before` for what is older,
    `last` as `after` for what is newer.

    `complete`: all that was asked for was looked through. `lost`: the place to go on from is no more; its file was
    dropped or emptied. `left`: bytes that are still to be looked through.
    """

    lines: list[Line]
    first: str
    last: str
    complete: bool
    lost: bool = False
    left: int = 0
    skipped: Skipped | None = None


@dataclass
class Reading:
    """Between `low` and `high`; from the end when `newest`, until there are `limit` lines."""

    log: OpenLog
    wanted: Wanted
    low: Spot
    high: Spot
    newest: bool
    limit: int
    lost: bool = False
    goes_on: bool = False  # there are lines below `low` that the asker has: what lies between is told as skipped
    _found: list[list[Line]] = field(default_factory=list[list[Line]])
    _count: int = 0

    def __post_init__(self) -> None:
        self._reached = self.high if self.newest else self.low

    @property
    def done(self) -> bool:
        return self._count >= self.limit or (self._reached == self.low if self.newest else self._reached == self.high)

    def step(self) -> None:
        """Looks through one more piece."""
        if self.newest:
            index, offset = self._reached.index, self._reached.offset
            floor = self.low.offset if index == self.low.index else 0
            if offset <= floor:
                self._reached = Spot(index - 1, self.log.files[index - 1].size) if index > self.low.index else self.low
                return
            one = self.log.files[index]
            start = _line_start(one, floor, offset)
            self._take(one, index, start, one.read(start, offset))
        else:
            index, offset = self._reached.index, self._reached.offset
            ceiling = self.high.offset if index == self.high.index else self.log.files[index].size
            if offset >= ceiling:
                self._reached = Spot(index + 1, 0) if index < self.high.index else self.high
                return
            one = self.log.files[index]
            self._take(one, index, offset, _whole_lines(one, offset, ceiling))

    def _take(self, one: OpenFile, index: int, start: int, data: bytes) -> None:
        spans = list(self.wanted.lines(data))
        room = self.limit - self._count
        if self.wanted.everything and len(spans) > room:
            spans = spans[-room:] if self.newest else spans[:room]
        lines: list[tuple[int, int, Line]] = []
        for (begin, end), text in zip(spans, clean_lines(one, start, data, spans), strict=True):
            ends = min(end + 1, len(data))
            line = read_line(text, f"{one.id}:{start + begin}", f"{one.id}:{start + ends}")
            if self.wanted.fits(line, text):
                lines.append((begin, ends, line))
        kept = lines[-room:] if self.newest else lines[:room]
        self._found.append([line for _, _, line in kept])
        self._count += len(kept)
        full = self._count >= self.limit
        if self.newest:
            self._reached = Spot(index, start + (kept[0][0] if full else 0))
        else:
            self._reached = Spot(index, start + (kept[-1][1] if full else len(data)))

    def page(self) -> Page:
        low, high = (self._reached, self.high) if self.newest else (self.low, self._reached)
        found = reversed(self._found) if self.newest else self._found
        left = self.log.bytes_between(self.low, low) + self.log.bytes_between(high, self.high)
        skipped = None
        if self.goes_on and self.newest and self.low != low:
            count = sum(_count(one, start, end) for one, start, end in self.log.parts(self.low, low))
            if count:
                skipped = Skipped(self.log.position(self.low), self.log.position(low), count)
        return Page(
            [line for piece in found for line in piece], self.log.position(low), self.log.position(high),
            complete=left == 0, lost=self.lost, left=left, skipped=skipped,
        )  # fmt: skip


def whole_line(one: OpenFile, offset: int) -> Line:
    """The line that begins there, with nothing left out."""
    data = one.read(offset, min(one.size, offset + MOST_LINE))
    end = data.find(b"\n")
    end = len(data) if end < 0 else end
    (text,) = clean_lines(one, offset, data[:end], [(0, end)])
    return read_line(text, f"{one.id}:{offset}", f"{one.id}:{offset + end + 1}", MOST_LINE)


def _line_start(one: OpenFile, floor: int, end: int) -> int:
    """Where a piece begins that ends at `end`: with a line."""
    for size in (PIECE, MOST_LINE):
        start = max(floor, end - size)
        if start == floor:
            return floor
        cut = one.read(start - 1, end - 1).find(b"\n")
        if cut >= 0:
            return start + cut
    return start


def _whole_lines(one: OpenFile, start: int, end: int) -> bytes:
    for size in (PIECE, MOST_LINE):
        data = one.read(start, min(end, start + size))
        if start + len(data) >= end:
            return data
        if (cut := data.rfind(b"\n")) >= 0:
            return data[: cut + 1]
    return data


def _count(one: OpenFile, start: int, end: int) -> int:
    return sum(one.read(at, min(end, at + COUNTED)).count(b"\n") for at in range(start, end, COUNTED))


def pieces(log: OpenLog) -> Iterator[bytes]:
    """All of the log, the oldest first, for whoever wants it as it is."""
    for one, start, end in log.parts(log.begin, log.end):
        for at in range(start, end, PIECE):
            yield one.read(at, min(end, at + PIECE))
