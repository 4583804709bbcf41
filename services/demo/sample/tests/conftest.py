"""A café's price list and one day of it."""

from datetime import date

import pytest
from till.day import Day
from till.pricelist import PriceList

ROWS = [
    {"code": "esp", "name": "Espresso", "price": "2.40", "tax": "0.20"},
    {"code": "cap", "name": "Cappuccino", "price": "3.60", "tax": "0.20"},
    {"code": "bun", "name": "Cinnamon bun", "price": "2.85", "tax": "0.07"},
    {"code": "jar", "name": "Deposit jar", "price": "0.15"},
]


@pytest.fixture
def prices() -> PriceList:
    return PriceList.from_rows("EUR", ROWS)


@pytest.fixture
def day() -> Day:
    return Day(date(2026, 3, 14), "EUR")
