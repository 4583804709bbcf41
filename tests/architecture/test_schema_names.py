"""The API's schemas have names of their own: two of one name would be told apart by their modules' paths."""

import json
from collections import Counter

from main_api.openapi import TARGET, schema


def test_no_schema_is_named_after_a_module() -> None:
    names = list(schema()["components"]["schemas"])
    assert len(names) > 100
    assert [name for name in names if "__" in name or not name[0].isupper()] == []


def test_no_schema_has_the_name_of_another_but_for_its_case() -> None:
    names = json.loads(TARGET.read_text(encoding="utf-8"))["components"]["schemas"]
    assert [name for name, count in Counter(each.lower() for each in names).items() if count > 1] == []
