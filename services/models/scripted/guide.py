"""What the scripted model answers to a question about a record, where its scenario has no rule for it.

It is no language model: it repeats the first facts that it was told, and says so. It depends on the request alone.
"""

import re

from services.models.scripted.request import Seen
from services.models.scripted.rules import Rule

ROLE = "guide"
REPEATED = 3
LONGEST = 240  # characters of a fact
_FACT = re.compile(r"^\[(F\d{1,4})\] (.+)$", re.MULTILINE)


def answer_from_record(seen: Seen) -> Rule | None:
    """None for any other request."""
    if seen.headers.get("role") != ROLE:
        return None
    told = {int(ref[1:]): text for ref, text in _FACT.findall(seen.conversation)}
    first = [(f"F{number}", told[number]) for number in sorted(told)[:REPEATED]]
    if not first:
        words = "This is the scripted model, no language model. The record has no fact that it could repeat."
    else:
        lines = "\n".join(f"- {_short(text)} [{ref}]" for ref, text in first)
        words = f"This is the scripted model, no language model: it repeats what the record has on this.\n\n{lines}"
    return Rule.model_validate({"json": {"answer": words, "cites": [ref for ref, _ in first]}})


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
