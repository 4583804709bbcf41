"""A business day: its sales and its refunds."""

from datetime import date

from till.money import Money
from till.refunds import Refund, RefundBook
from till.sale import Sale


class UnknownSale(KeyError):
    """No sale of this day has this number."""

    def __str__(self) -> str:
        return f"no sale {self.args[0]} on this day"


class DayClosed(ValueError):
    """The day was closed: its report is written, nothing can be added."""


class Day:
    """Sales are numbered from 1, without gaps: the tax office counts them."""

    def __init__(self, on: date, currency: str) -> None:
        self.on = on
        self.currency = currency
        self.sales: list[Sale] = []
        self.refunds = RefundBook()
        self.closed = False

    def _open(self) -> None:
        if self.closed:
            raise DayClosed(f"{self.on.isoformat()} is closed; use another day")

    def new_sale(self) -> Sale:
        self._open()
        sale = Sale(len(self.sales) + 1, self.currency)
        self.sales.append(sale)
        return sale

    def sale(self, number: int) -> Sale:
        if not 1 <= number <= len(self.sales):
            raise UnknownSale(number)
        return self.sales[number - 1]

    def refund(self, number: int, amount: Money, reason: str = "") -> Refund:
        """Give money back for one of today's sales."""
        self._open()
        return self.refunds.refund(self.sale(number), amount, reason)

    def takings(self) -> Money:
        """What all sales brought in, before refunds."""
        return sum((sale.total for sale in self.sales), Money.zero(self.currency))
