import pytest
from till.day import DayClosed
from till.money import Money
from till.refunds import RefundRefused
from till.report import close_day


@pytest.fixture
def busy(day, prices):
    for codes in (["esp", "bun"], ["esp"], ["cap"]):
        sale = day.new_sale()
        for code in codes:
            sale.add(prices[code])
    return day


def test_the_report_adds_up(busy):
    busy.refund(3, Money.of("3.60", "EUR"), "cold")
    report = close_day(busy)
    assert report.sales == 3
    assert report.gross == Money.of("11.25", "EUR")
    assert report.refunded == Money.of("3.60", "EUR")
    assert report.net == Money.of("7.65", "EUR")
    assert report.items == (("Espresso", 2), ("Cinnamon bun", 1), ("Cappuccino", 1))


def test_a_day_without_sales_reports_zero(day):
    report = close_day(day)
    assert (report.sales, report.net, report.items) == (0, Money.zero("EUR"), ())


def test_ten_thousand_sales_add_up(day, prices):
    for _ in range(10_000):
        day.new_sale().add(prices["jar"])
    assert close_day(day).net == Money.of("1500.00", "EUR")


def test_the_net_is_never_below_zero(busy):
    with pytest.raises(RefundRefused):
        busy.refund(2, Money.of("100.00", "EUR"))
    assert close_day(busy).net == Money.of("11.25", "EUR")


def test_a_closed_day_takes_nothing_more(busy):
    close_day(busy)
    with pytest.raises(DayClosed, match="is closed"):
        busy.new_sale()
    with pytest.raises(DayClosed, match="is closed"):
        busy.refund(1, Money.of("1.00", "EUR"))


def test_a_day_is_closed_once(busy):
    close_day(busy)
    with pytest.raises(DayClosed, match="was closed before"):
        close_day(busy)


def test_the_report_reads_well(day, prices):
    day.new_sale().add(prices["esp"], 2)
    assert str(close_day(day)).splitlines() == [
        "Day      2026-03-14",
        "Sales    1",
        "Gross    4.80 EUR",
        "Refunds  0.00 EUR",
        "Net      4.80 EUR",
        "    2 x Espresso",
    ]
