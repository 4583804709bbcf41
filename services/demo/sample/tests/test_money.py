from decimal import Decimal

import pytest
from till.money import Money, MoneyError


def test_amounts_add_exactly():
    assert Money.of("0.10", "EUR") + Money.of("0.20", "EUR") == Money.of("0.30", "EUR")


def test_rounding_goes_half_to_even():
    assert str(Money.of("0.125", "EUR")) == "0.12 EUR"
    assert str(Money.of("0.135", "EUR")) == "0.14 EUR"


@pytest.mark.parametrize(
    ("currency", "shown"), [("EUR", "1234.57 EUR"), ("JPY", "1235 JPY"), ("KWD", "1234.568 KWD")]
)
def test_each_currency_has_its_own_digits(currency, shown):
    assert str(Money.of("1234.5678", currency)) == shown


def test_two_currencies_do_not_add_up():
    with pytest.raises(MoneyError, match="EUR and USD"):
        Money.of(1, "EUR") + Money.of(1, "USD")


def test_a_float_is_refused():
    with pytest.raises(MoneyError, match="float"):
        Money.of(0.1, "EUR")


def test_nonsense_is_refused():
    with pytest.raises(MoneyError, match="not an amount"):
        Money.of("ten", "EUR")


def test_multiplying_keeps_the_currency():
    assert Money.of("2.40", "GBP") * 3 == Money(Decimal("7.20"), "GBP")
