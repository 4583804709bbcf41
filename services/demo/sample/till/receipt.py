"""The slip a customer takes home."""

from till.money import Money
from till.sale import Sale

WIDTH = 40


def _row(left: str, right: str) -> str:
    room = WIDTH - len(right) - 1
    if len(left) > room:
        left = left[: room - 1] + "…"
    return f"{left:<{room}} {right}"


def receipt(sale: Sale, shop: str = "", paid: Money | None = None) -> str:
    """The receipt as text, 40 columns wide, ending with a newline. With `paid` it also shows the change."""
    rows = [shop.center(WIDTH).rstrip()] if shop else []
    rows.append(_row(f"Sale {sale.number}", sale.currency))
    rows.append("-" * WIDTH)
    for line in sale.lines:
        name = line.item.name if line.quantity == 1 else f"{line.quantity} x {line.item.name}"
        rows.append(_row(name, str(line.total.rounded().amount)))
    rows.append("-" * WIDTH)
    rows.append(_row("Total", str(sale.total.amount)))
    if sale.tax > Money.zero(sale.currency):
        rows.append(_row("of which tax", str(sale.tax.amount)))
    if paid is not None:
        if paid < sale.total:
            raise ValueError(f"{paid} does not pay {sale.total}")
        rows.append(_row("Paid", str(paid.rounded().amount)))
        rows.append(_row("Change", str((paid - sale.total).rounded().amount)))
    return "\n".join(rows) + "\n"
