"""docs/api.md lists every error code there is."""

import re

from main_api.gateway.refusals import STATUS
from scripts.error_table import TARGET, every_error, text


def test_the_table_of_codes_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run: python -m scripts.error_table"


def test_every_error_says_in_its_docstring_what_it_means() -> None:
    for error in every_error():
        assert error.__doc__ and error.__doc__ != error.__base__.__doc__, error  # type: ignore[union-attr]
        assert error.__doc__.strip().split("\n\n")[0].endswith("."), error


def test_the_gateways_own_statuses_are_those_of_its_page() -> None:
    page = TARGET.with_name("models.md").read_text(encoding="utf-8").partition("## What can go wrong")[2]
    told = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", page, re.MULTILINE)}
    assert told == {code: status for code, status in STATUS.items() if code != "not_found"}
