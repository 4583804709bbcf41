"""A span's days in a person's zone, also where the clocks change in the middle of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from main_api.reads.metrics.span import Span, day_of, read_span
from main_api.refusals import SpanRefused, ZoneUnknown
from services.store.quarters import OF_A_DAY, SECONDS, quarter_of

USUAL = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("right/", "posix/")))
DAY = date(2026, 3, 29)


def spanned(zone: str, first: date, days: int = 1) -> Span:
    return read_span(zone, 366, first=first, last=first + timedelta(days=days - 1))


def hours(span: Span) -> float:
    return (span.ends - span.begins) / timedelta(hours=1)


def test_a_day_is_as_long_as_its_clocks_make_it() -> None:
    assert [hours(spanned("Europe/Berlin", day)) for day in (DAY, date(2026, 10, 25), DAY + timedelta(1))] == [
        23,
        25,
        24,
    ]
    assert hours(spanned("Australia/Lord_Howe", date(2026, 4, 5))) == 24.5
    assert spanned("Africa/Cairo", date(2026, 4, 24)).begins == datetime(2026, 4, 23, 22, tzinfo=UTC)  # at one o'clock


@given(st.sampled_from(USUAL), st.dates(date(2020, 1, 2), date(2030, 12, 31)), st.integers(1, 366), st.data())
def test_the_day_of_a_quarter_is_that_of_a_clock_in_the_zone(
    zone: str, first: date, days: int, data: st.DataObject
) -> None:
    span = spanned(zone, first, days)
    quarter = data.draw(st.integers(quarter_of(span.begins), quarter_of(span.ends) - 1))
    local = datetime.fromtimestamp(quarter * SECONDS, ZoneInfo(zone)).date()
    assert day_of(number_of(span, quarter)) == local
    assert local in span.days


def number_of(span: Span, quarter: int) -> int:
    """As the database works it out."""
    expression = span.day_number(sa.literal_column(str(quarter), sa.BigInteger()))
    with sa.create_engine("sqlite://").connect() as connection:
        return connection.scalars(sa.select(expression)).one()


def test_days_back_end_today_in_the_zone() -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        span = read_span(zone, 366, days=7)
        assert span.last == datetime.now(ZoneInfo(zone)).date()
        assert len(span.days) == 7
    assert len(read_span("UTC", 366).days) == 30
    assert quarter_of(span.ends) - quarter_of(span.begins) == 7 * OF_A_DAY


@pytest.mark.parametrize("zone", ["", "Europe", "nowhere", "/etc/localtime", "../zone", "Europe/Berlin\0", "x" * 64])
def test_what_is_no_zone_is_said(zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        read_span(zone, 366)


def test_what_is_no_span_is_said() -> None:
    with pytest.raises(SpanRefused, match="before it begins"):
        read_span("UTC", 366, first=DAY, last=DAY - timedelta(1))
    with pytest.raises(SpanRefused, match="has 11 days, and 10 are the most"):
        read_span("UTC", 10, first=DAY, last=DAY + timedelta(10))
    with pytest.raises(SpanRefused, match="said twice"):
        read_span("UTC", 366, days=1, first=DAY)
    with pytest.raises(SpanRefused, match="no beginning"):
        read_span("UTC", 366, last=DAY)
    with pytest.raises(SpanRefused, match="no days before"):
        read_span("UTC", 36_500, first=date.min, last=DAY)
    with pytest.raises(SpanRefused, match="none after"):
        read_span("UTC", 36_500, first=DAY, last=date.max)
