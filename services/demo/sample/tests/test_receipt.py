import pytest
from till.money import Money
from till.receipt import WIDTH, receipt
from till.sale import Sale


@pytest.fixture
def sale(prices):
    sale = Sale(7, "EUR")
    sale.add(prices["esp"], 2)
    sale.add(prices["bun"])
    return sale


def test_a_receipt_reads_well(sale):
    assert receipt(sale).splitlines() == [
        "Sale 7                               EUR",
        "----------------------------------------",
        "2 x Espresso                        4.80",
        "Cinnamon bun                        2.85",
        "----------------------------------------",
        "Total                               7.65",
        "of which tax                        0.99",
    ]


def test_change_is_shown(sale):
    assert receipt(sale, paid=Money.of(10, "EUR")).splitlines()[-1].split() == ["Change", "2.35"]


def test_too_little_money_is_refused(sale):
    with pytest.raises(ValueError, match="does not pay"):
        receipt(sale, paid=Money.of(5, "EUR"))


def test_no_row_is_wider_than_the_paper(sale):
    assert all(len(row) <= WIDTH for row in receipt(sale, shop="A café with a rather long name").splitlines())
