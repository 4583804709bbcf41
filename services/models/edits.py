"""Small real edits that show which of Aider's edit formats a model can write."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.models.profiles import EditFormat

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^<{5,9} SEARCH\s*?\n(.*?)^={5,9}\s*?\n(.*?)^>{5,9} REPLACE", re.DOTALL | re.MULTILINE)
_HUNK = re.compile(r"^@@.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """A file, what to do with it, and what it has to be then."""

    path: str
    content: str
    task: str
    wanted: str


_GREET = """\
def greet(name: str) -> str:
    return f"Hello, {name}!"


def leave(name: str) -> str:
    return f"Bye, {name}!"
"""
_PRICES = (
    "".join(f"def price_{n}(count: int) -> int:\n    return count * {n}\n\n\n" for n in range(3, 15)).rstrip() + "\n"
)
EDITS: tuple[Edit, ...] = (
    Edit("greet.py", _GREET, "greet() has to say Good morning instead of Hello. Change nothing else.",
         _GREET.replace("Hello", "Good morning")),
    Edit("prices.py", _PRICES, "price_5 has to multiply by 50, and price_11 by 110. Change nothing else.",
         _PRICES.replace("count * 5\n", "count * 50\n").replace("count * 11\n", "count * 110\n")),
)  # fmt: skip
HOW: dict[EditFormat, str] = {
    "whole": "Answer with the path on a line of its own, then the whole new file between ``` and ```. No other text.",
    "diff": "Answer only with blocks of this form; SEARCH holds lines exactly as they are in the file:\n"
    "{path}\n```\n<<<<<<< SEARCH\nold lines\n=======\nnew lines\n>>>>>>> REPLACE\n```",
    "udiff": "Answer only with a unified diff as `diff -U1` writes it, without timestamps or line numbers:\n"
    "```diff\n--- {path}\n+++ {path}\n@@ ... @@\n line that stays\n-old line\n+new line\n```",
}


def prompt(edit: Edit, edit_format: EditFormat) -> str:
    """What the model is asked."""
    how = HOW[edit_format].replace("{path}", edit.path)
    return f"Edit format: {edit_format}\n{edit.path}\n```\n{edit.content}```\n\n{edit.task}\n\n{how}\n"


def works(edit: Edit, edit_format: EditFormat, answer: str) -> bool:
    """Whether the answer, applied to the file, makes it what was wanted."""
    made = _APPLY[edit_format](edit, answer.replace("\r\n", "\n"))
    return made is not None and made.rstrip() == edit.wanted.rstrip()


def _whole(edit: Edit, answer: str) -> str | None:
    found = _FENCE.findall(answer)
    return found[-1] if found else None


def _diff(edit: Edit, answer: str) -> str | None:
    content, blocks = edit.content, _BLOCK.findall(answer)
    for old, new in blocks:
        if not old or content.count(old) != 1:
            return None
        content = content.replace(old, new)
    return content if blocks else None


def _udiff(edit: Edit, answer: str) -> str | None:
    fenced = _FENCE.search(answer)
    content, hunks = edit.content, _HUNK.split(fenced[1] if fenced else answer)[1:]
    for hunk in hunks:
        lines = [line for line in hunk.split("\n")[1:] if not line.startswith(("\\", "--- ", "+++ "))]
        while lines and not lines[-1]:
            lines.pop()
        old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        if not old.strip() or content.count(old) != 1:
            return None
        content = content.replace(old, new)
    return content if hunks else None


_APPLY: dict[EditFormat, Callable[[Edit, str], str | None]] = {"whole": _whole, "diff": _diff, "udiff": _udiff}
