import pytest
from till.money import Money
from till.refunds import RefundRefused


@pytest.fixture
def sold(day, prices):
    sale = day.new_sale()
    sale.add(prices["cap"], 2)
    return sale


def test_a_part_can_be_refunded(day, sold):
    given = day.refund(sold.number, Money.of("3.60", "EUR"), "cold")
    assert (given.amount, given.reason) == (Money.of("3.60", "EUR"), "cold")


def test_the_whole_sale_can_be_refunded(day, sold):
    day.refund(sold.number, sold.total)
    assert day.refunds.refunded(sold) == sold.total


def test_refunds_of_one_sale_add_up(day, sold):
    day.refund(sold.number, Money.of("1.00", "EUR"))
    day.refund(sold.number, Money.of("2.00", "EUR"))
    assert day.refunds.refunded(sold) == Money.of("3.00", "EUR")


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_refund_gives_money_back(day, sold, amount):
    with pytest.raises(RefundRefused, match="above zero"):
        day.refund(sold.number, Money.of(amount, "EUR"))


def test_more_than_the_sale_is_refused(day, sold):
    with pytest.raises(RefundRefused, match="more than"):
        day.refund(sold.number, Money.of("7.21", "EUR"))
    assert day.refunds.refunded(sold) == Money.zero("EUR")
