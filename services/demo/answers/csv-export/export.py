"""The day's sales for a spreadsheet or the bookkeeper."""

import csv
import io

from till.day import Day

COLUMNS = ("day", "sale", "code", "item", "quantity", "total", "currency")


def sales_csv(day: Day) -> str:
    """One row for each line of each sale, with a header; amounts with the currency's digits, rows ended by a newline."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sale in day.sales:
        for line in sale.lines:
            total = line.total.rounded().amount
            writer.writerow(
                (day.on.isoformat(), sale.number, line.item.code, line.item.name, line.quantity, total, day.currency)
            )
    return text.getvalue()
