"""A span of whole days in a person's time zone, and the day that a moment is in, worked out by the database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from main_api.refusals import SpanRefused, ZoneUnknown
from services.store.quarters import OF_A_DAY, SECONDS, quarter_of
from services.store.types import BigId

USUAL_DAYS = 30
FIRST_DAY = date(2020, 1, 1)  # before any hub; since then all zones keep to quarters of an hour
LAST_DAY = date(2200, 1, 1)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Span:
    """From the beginning of `first` to the end of `last`. `offsets`: from which quarter on the zone is how many
    quarters ahead of UTC, oldest first."""

    zone: str
    first: date
    last: date
    begins: datetime
    ends: datetime
    offsets: tuple[tuple[int, int], ...]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def holds(self, column: Any) -> sa.ColumnElement[bool]:
        """Whether a time lies in it."""
        return sa.and_(column >= self.begins, column < self.ends)

    def holds_quarter(self, column: Any) -> sa.ColumnElement[bool]:
        return sa.and_(column >= quarter_of(self.begins), column < quarter_of(self.ends))

    def day_number(self, quarter: Any) -> sa.ColumnElement[int]:
        """The local day that a quarter of an hour is in, as days since 1970."""
        (_, offset), *later = self.offsets
        ahead: Any = _number(offset)
        if later:
            choices = [(quarter >= _number(at), _number(then)) for at, then in reversed(later)]
            ahead = sa.case(*choices, else_=ahead)
        return (quarter + ahead) // _number(OF_A_DAY)


def day_of(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def read_span(
    zone: str, most_days: int, *, days: int | None = None, first: date | None = None, last: date | None = None
) -> Span:
    """`days` count back from today, which is one of them; else from `first` to `last`, or to today.

    Raises ZoneUnknown and SpanRefused.
    """
    found = _zone(zone)
    today = datetime.now(found).date()
    if days is not None and (first is not None or last is not None):
        raise SpanRefused("The span is said twice: as days and as dates.", "Give either days, or from and to.")
    if first is None and last is not None:
        raise SpanRefused("The span has an end and no beginning.", "Give from too, as 2026-01-31.")
    if first is None:
        last = today
        first = today - timedelta(days=(days or USUAL_DAYS) - 1)
    last = max(today, first) if last is None else last
    if last < first:
        raise SpanRefused(f"The span ends on {last}, before it begins on {first}.", "Exchange from and to.")
    if first < FIRST_DAY or last > LAST_DAY:
        raise SpanRefused(f"There are no days before {FIRST_DAY} and none after {LAST_DAY}.", "Choose nearer ones.")
    length = (last - first).days + 1
    if length > most_days:
        raise SpanRefused(
            f"The span has {length} days, and {most_days} are the most.",
            "Choose a shorter one, or raise METRICS_MAX_DAYS.", days=length, most=most_days,
        )  # fmt: skip
    begins, ends = _begin(first, found), _begin(last + timedelta(days=1), found)
    return Span(zone, first, last, begins, ends, _offsets(begins, ends, found))


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), BigId)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ZoneUnknown(
            f"There is no time zone {name[:64]!r}.", "Name one as Europe/Berlin, America/New_York or UTC."
        ) from error


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """The day's first moment, which need not be midnight: clocks go forward at midnight in some zones."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _offsets(begins: datetime, ends: datetime, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """Each stretch of the span in which the zone keeps its distance from UTC."""
    at, last = quarter_of(begins), quarter_of(ends) - 1
    found = [(at, _ahead(at, zone))]
    while at < last:
        then = min(at + OF_A_DAY, last)
        if _ahead(then, zone) != found[-1][1]:
            found.append((_change(at, then, zone), _ahead(then, zone)))
        at = then
    return tuple(found)


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """The first quarter of an hour with the distance of `after`."""
    while after - before > 1:
        middle = (before + after) // 2
        if _ahead(middle, zone) == _ahead(after, zone):
            after = middle
        else:
            before = middle
    return after


def _ahead(quarter: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(quarter * SECONDS, zone).utcoffset() or timedelta()
    quarters, rest = divmod(int(offset.total_seconds()), SECONDS)
    if rest:
        raise ZoneUnknown(f"The time zone {zone.key} does not keep to quarters of an hour.", "Choose another one.")
    return quarters
