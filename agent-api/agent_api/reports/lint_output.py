"""How many problems a linter counted, by what it printed: its own sum where it tells one, else its lines."""

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SUMS = re.compile(
    r"^\s*(?:Found (\d+) errors?\b(?: in \d+ files?)?"  # ruff, mypy, tsc
    r"|\S{0,2}\s*(\d+) problems? \(\d+ errors?, \d+ warnings?\)"  # eslint
    r"|(\d+) errors?, (\d+) warnings?(?:, (\d+) informations?)?\b.*"  # pyright
    r"|(\d+) issues?[.:]?.*)\s*$",  # golangci-lint
    re.MULTILINE,
)
_PLACES = re.compile(r"^(?:[A-Za-z]:)?[^\s:][^:\n]*:\d+(?::\d+)?:?\s+\S", re.MULTILINE)  # path:line[:column]: what
_REFORMAT = re.compile(r"^would reformat |^Would reformat: ", re.MULTILINE)  # black, ruff format


def count(output: bytes) -> int:
    """The problems; 0 where none is to be seen. Several linters in one output are added up."""
    text = _ESCAPES.sub("", output.decode("utf-8", "replace"))
    sums = [sum(int(number) for number in found if number) for found in _SUMS.findall(text)]
    return max(sum(sums), len(_PLACES.findall(text))) + len(_REFORMAT.findall(text))
