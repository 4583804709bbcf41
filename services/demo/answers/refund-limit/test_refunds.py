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


def test_parts_together_cannot_pass_the_sale(day, sold):
    day.refund(sold.number, Money.of("5.00", "EUR"))
    with pytest.raises(RefundRefused, match=r"the 2\.20 EUR left of sale 1"):
        day.refund(sold.number, Money.of("2.21", "EUR"))
    day.refund(sold.number, Money.of("2.20", "EUR"))
    assert day.refunds.refunded(sold) == sold.total


def test_the_limit_counts_what_is_paid_out(day, sold):
    with pytest.raises(RefundRefused, match="more than"):
        day.refund(sold.number, Money.of("7.206", "EUR"))
    assert day.refund(sold.number, Money.of("7.204", "EUR")).amount == sold.total
