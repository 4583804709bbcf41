import pytest
from till.day import UnknownSale
from till.money import Money


def test_sales_are_numbered_without_gaps(day):
    assert [day.new_sale().number for _ in range(3)] == [1, 2, 3]


def test_takings_add_all_sales(day, prices):
    for code in ("esp", "cap"):
        day.new_sale().add(prices[code])
    assert day.takings() == Money.of("6.00", "EUR")


def test_a_refund_needs_a_sale_of_the_day(day):
    with pytest.raises(UnknownSale, match="no sale 5"):
        day.refund(5, Money.of(1, "EUR"))
