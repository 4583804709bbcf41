"""Money on the wire: US dollars as a decimal text, so that no reader sees a float's tail."""

from decimal import Decimal


def usd(amount: float) -> str:
    """At least two digits behind the point, at most six: `0.00`, `0.0132`."""
    return decimal_usd(Decimal(repr(amount)))


def decimal_usd(amount: Decimal) -> str:
    whole, _, part = f"{amount:.6f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
