"""The end of a business day: what was sold, what went back, what is left."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from till.day import Day, DayClosed
from till.money import Money


@dataclass(frozen=True)
class DayReport:
    """`items` counts what was sold by name, most first; `net` is gross less refunded."""

    on: date
    sales: int
    gross: Money
    refunded: Money
    net: Money
    items: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        rows = [
            f"Day      {self.on.isoformat()}",
            f"Sales    {self.sales}",
            f"Gross    {self.gross}",
            f"Refunds  {self.refunded}",
            f"Net      {self.net}",
        ]
        rows += [f"{count:>5} x {name}" for name, count in self.items]
        return "\n".join(rows) + "\n"


def close_day(day: Day) -> DayReport:
    """Close the day for good and report it. A day without sales reports zero; a closed day is refused."""
    if day.closed:
        raise DayClosed(f"{day.on.isoformat()} was closed before")
    gross = day.takings()
    refunded = sum((refund.amount for refund in day.refunds), Money.zero(day.currency))
    counts: Counter[str] = Counter()
    for sale in day.sales:
        for line in sale.lines:
            counts[line.item.name] += line.quantity
    day.closed = True
    return DayReport(day.on, len(day.sales), gross, refunded, gross - refunded, tuple(counts.most_common()))
