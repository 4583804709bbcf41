"""Money that goes back to a customer."""

from collections.abc import Iterator
from dataclasses import dataclass

from till.money import Money
from till.sale import Sale


class RefundRefused(ValueError):
    """The refund would break a rule of the shop; the sentence says which."""


@dataclass(frozen=True)
class Refund:
    """What was given back for which sale."""

    sale_number: int
    amount: Money
    reason: str = ""


class RefundBook:
    """All refunds of a day, in the order they were given."""

    def __init__(self) -> None:
        self._refunds: list[Refund] = []

    def refund(self, sale: Sale, amount: Money, reason: str = "") -> Refund:
        """Give `amount` back for `sale`, never more than is left of it after earlier refunds."""
        if amount <= Money.zero(sale.currency):
            raise RefundRefused("a refund gives money back: the amount has to be above zero")
        left = sale.total - self.refunded(sale)
        if amount.rounded() > left:
            raise RefundRefused(f"{amount} is more than the {left} left of sale {sale.number}")
        given = Refund(sale.number, amount.rounded(), reason)
        self._refunds.append(given)
        return given

    def refunded(self, sale: Sale) -> Money:
        """What was given back for this sale so far."""
        amounts = (refund.amount for refund in self._refunds if refund.sale_number == sale.number)
        return sum(amounts, Money.zero(sale.currency))

    def __iter__(self) -> Iterator[Refund]:
        return iter(self._refunds)

    def __len__(self) -> int:
        return len(self._refunds)
