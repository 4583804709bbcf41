"""One customer at the till."""

from dataclasses import dataclass, field
from decimal import Decimal

from till.money import Money
from till.pricelist import Item


@dataclass(frozen=True)
class Line:
    """Some of one item."""

    item: Item
    quantity: int

    @property
    def total(self) -> Money:
        return self.item.price * self.quantity

    @property
    def tax(self) -> Money:
        """The tax contained in the total, exact."""
        rate = self.item.tax
        return self.total * (rate / (Decimal(1) + rate))


@dataclass
class Sale:
    """A numbered sale. Its total is rounded once, at the end, never line by line."""

    number: int
    currency: str
    lines: list[Line] = field(default_factory=list)

    def add(self, item: Item, quantity: int = 1) -> None:
        if quantity < 1:
            raise ValueError("a line needs at least one of the item; use a refund to take things back")
        if item.price.currency != self.currency:
            raise ValueError(f"{item.name} is priced in {item.price.currency}, the sale is in {self.currency}")
        self.lines.append(Line(item, quantity))

    @property
    def total(self) -> Money:
        return sum((line.total for line in self.lines), Money.zero(self.currency)).rounded()

    @property
    def tax(self) -> Money:
        return sum((line.tax for line in self.lines), Money.zero(self.currency)).rounded()
