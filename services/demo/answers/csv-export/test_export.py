import csv
import io

from till.export import sales_csv
from till.money import Money
from till.pricelist import Item


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_each_line_of_each_sale_is_a_row(day, prices):
    first = day.new_sale()
    first.add(prices["esp"], 2)
    first.add(prices["bun"])
    day.new_sale().add(prices["cap"])
    told = [(row["day"], row["sale"], row["code"], row["quantity"], row["total"]) for row in rows(sales_csv(day))]
    assert told == [
        ("2026-03-14", "1", "esp", "2", "4.80"),
        ("2026-03-14", "1", "bun", "1", "2.85"),
        ("2026-03-14", "2", "cap", "1", "3.60"),
    ]


def test_names_with_commas_and_quotes_survive(day):
    name = 'Sandwich, "the long one"'
    day.new_sale().add(Item("san", name, Money.of("5.50", "EUR")))
    assert rows(sales_csv(day))[0]["item"] == name
