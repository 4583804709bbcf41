import pytest
from till.money import Money
from till.pricelist import Item
from till.sale import Sale


def test_an_empty_sale_is_zero():
    assert Sale(1, "EUR").total == Money.of("0.00", "EUR")


def test_the_total_adds_up(prices):
    sale = Sale(1, "EUR")
    sale.add(prices["esp"], 2)
    sale.add(prices["bun"])
    assert sale.total == Money.of("7.65", "EUR")


def test_tax_is_contained_in_the_price(prices):
    sale = Sale(1, "EUR")
    sale.add(prices["cap"])
    assert sale.tax == Money.of("0.60", "EUR")


def test_the_total_is_rounded_once_at_the_end():
    sale = Sale(1, "EUR")
    for _ in range(3):
        sale.add(Item("scr", "Screw", Money.of("0.004", "EUR")))
    assert sale.total == Money.of("0.01", "EUR")


def test_a_line_needs_a_quantity(prices):
    with pytest.raises(ValueError, match="at least one"):
        Sale(1, "EUR").add(prices["esp"], 0)
