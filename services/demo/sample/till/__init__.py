"""A small till: prices, sales, receipts, refunds and the day they belong to."""

__version__ = "0.4.0"
