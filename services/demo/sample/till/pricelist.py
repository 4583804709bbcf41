"""What things cost, and the tax that is in the price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from till.money import Money


class UnknownItem(KeyError):
    """The price list has no item with this code."""

    def __str__(self) -> str:
        return f"no item {self.args[0]!r} in the price list"


@dataclass(frozen=True)
class Item:
    """`tax` is the rate contained in the price: `Decimal("0.20")` for 20 %."""

    code: str
    name: str
    price: Money
    tax: Decimal = Decimal(0)


class PriceList:
    """Items by code, all in one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._items: dict[str, Item] = {}

    @classmethod
    def from_rows(cls, currency: str, rows: list[Mapping[str, str]]) -> "PriceList":
        """Rows as they come out of a spreadsheet: code, name, price and, where it is taxed, tax."""
        prices = cls(currency)
        for row in rows:
            price = Money.of(row["price"], currency)
            prices.add(Item(row["code"], row["name"], price, Decimal(row.get("tax", "0"))))
        return prices

    def add(self, item: Item) -> None:
        if item.price.currency != self.currency:
            raise ValueError(f"{item.name} is priced in {item.price.currency}, the list is in {self.currency}")
        if item.price < Money.zero(self.currency):
            raise ValueError(f"{item.name} has a negative price")
        self._items[item.code] = item

    def __getitem__(self, code: str) -> Item:
        try:
            return self._items[code]
        except KeyError:
            raise UnknownItem(code) from None

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)
