"""docs/status.md: every row of the first release, in order, each with proofs that exist, and what is missing said."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORDER = {
    "A": "123645", "B": "123645", "C": "1234567", "D": "123456978", "E": "12", "F": "123", "G": "12345", "H": "1234",
    "I": "123", "J": "1", "K": "12", "V": "1",
}  # fmt: skip


def table() -> list[list[str]]:
    """Row, state, what there is, what proves it: of all rows before the numbers."""
    text = (ROOT / "docs" / "status.md").read_text(encoding="utf-8").partition("## Numbers")[0]
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip(" *") for cell in line] for line in lines]
    return [row for row in rows if row[1] not in ("---", "state")]


def test_every_row_of_the_first_release_is_there_in_order() -> None:
    ids = [found[0] for row in table() if (found := re.match(r"[A-Z]\d\b", row[0]))]
    assert list(dict.fromkeys(ids)) == [f"{letter}{number}" for letter, numbers in ORDER.items() for number in numbers]


def test_each_row_names_proofs_that_exist() -> None:
    for name, _, _, proofs in table():
        paths = re.findall(r"`((?:tests|static|benchmarks)/[^`]+)`", proofs)
        assert paths, name
        assert not [path for path in paths if not (ROOT / path).exists()], name


def test_a_row_is_done_or_says_what_is_missing() -> None:
    assert {state for _, state, _, _ in table()} == {"done", "part"}
    assert not [name for name, state, told, _ in table() if (state == "part") != ("Missing: " in told)]
