"""Text from outside on a terminal: what models, files and trackers say may hold sequences that a terminal obeys."""

import re

from rich.markup import escape

# Escape sequences, control characters but tab and newline, and what turns the direction of text around.
_OBEYED = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: object) -> str:
    """Without anything a terminal would obey; tabs and newlines stay."""
    return _OBEYED.sub("", str(text))


def line(text: object) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def lines(text: object) -> list[str]:
    """The same line by line, as git and terminals count lines: other signs for an end of line stay within theirs."""
    whole = plain(text).removesuffix("\n")
    return whole.split("\n") if whole else []


def said(text: object) -> str:
    """Plain, and safe between Rich's markup."""
    return escape(plain(text))
