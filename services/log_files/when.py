"""Finds a time in a log, whose lines follow each other in time."""

from datetime import datetime

from services.log_files.line import time_of
from services.log_files.opened import OpenFile, OpenLog, Spot

NEAR = 8_192  # bytes that are looked through line by line
LOOK = 65_536  # how far for a line that tells its time: a traceback has none


def first_since(log: OpenLog, at: datetime) -> Spot:
    """Where the first line begins that is not older."""
    for index in range(len(log.files) - 1, -1, -1):
        one = log.files[index]
        told = _told(one, 0)
        if told is not None and told[1] < at:
            return Spot(index, _within(one, at))
    return log.begin


def _within(one: OpenFile, at: datetime) -> int:
    low, high = 0, one.size
    while high - low > NEAR:
        middle = (low + high) // 2
        told = _told(one, middle)
        if told is None or told[0] >= high:
            high = middle
        elif told[1] < at:
            low = told[0]
        else:
            high = middle
    while (told := _told(one, low)) is not None:
        start, time, end = told
        if time >= at:
            return start
        low = end
    return one.size


def _told(one: OpenFile, offset: int) -> tuple[int, datetime, int] | None:
    """The first line from there on that tells its time: where it begins, the time, where it ends."""
    data = one.read(offset, min(one.size, offset + LOOK))
    at = 0
    if offset and one.read(offset - 1, offset) != b"\n":
        at = data.find(b"\n") + 1
        if at == 0:
            return None
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        time = time_of(data[at:end])
        if time is not None:
            return offset + at, time, offset + end + 1
        at = end + 1
    return None
