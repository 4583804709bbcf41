import pytest
from till.money import Money
from till.pricelist import Item, PriceList, UnknownItem


def test_items_are_found_by_code(prices):
    assert prices["esp"].name == "Espresso"
    assert len(prices) == 4


def test_an_unknown_code_says_so(prices):
    with pytest.raises(UnknownItem, match="no item 'tea'"):
        prices["tea"]


def test_another_currency_is_refused():
    with pytest.raises(ValueError, match="priced in USD"):
        PriceList("EUR").add(Item("x", "Import", Money.of(1, "USD")))


def test_a_negative_price_is_refused():
    with pytest.raises(ValueError, match="negative"):
        PriceList("EUR").add(Item("x", "Gift", Money.of(-1, "EUR")))
