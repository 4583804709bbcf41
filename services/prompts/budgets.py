"""How many tokens each section of a prompt may take; what is longer is cut there, and that is said."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

TOKENS: Mapping[str, int] = {
    "who": 6_000,
    "project": 500,
    "task": 4_000,
    "request": 8_000,
    "feedback": 4_000,
    "faults": 2_000,
    "standing": 3_000,
    "criteria": 2_000,
    "findings": 3_000,
    "answer": 6_000,
    "answered": 1_000,
    "asking": 300,
    "stage": 2_000,
    "comment": 1_500,
    "feedback_before": 1_000,
    "handoff": 1_500,
    "earlier": 2_000,
    "rounds": 1_500,
    "brought": 1_500,
    "notes": 1_000,
    "tracker": 1_500,
    "attachments": 1_500,
    "last_plan": 6_000,
    "open_tasks": 1_000,
    "workspace": 500,
    "done": 500,
    "leaves": 500,
    "next": 300,
    "environment": 1_500,
    "project_md": 1_500,
    "git": 800,
    "recent": 600,
    "guides": 4_000,
    "asked": 1_500,
    "record": 1_500,
    "thread": 800,
}
_PER_TOKEN = 16  # characters: hardly any tokenizer has longer ones, so a text is looked at no further than that
_NEARER = 0.97


def _budgets(value: Any) -> Any:
    found = json.loads(value) if isinstance(value, str) else value
    unknown = [name for name in found if name not in TOKENS] if isinstance(found, Mapping) else []
    if unknown:
        raise ValueError(f"there is no section {', '.join(unknown)}; sections are {', '.join(TOKENS)}")
    if not isinstance(found, Mapping) or not all(
        isinstance(most, int) and not isinstance(most, bool) and most >= 50 for most in found.values()
    ):
        raise ValueError('not tokens by section, 50 or more each, such as {"guides": 6000}')
    return dict(found)


SectionTokens = Annotated[dict[str, int], BeforeValidator(_budgets)]


def cut_to(text: str, most: int, count: Callable[[str], int], *, keep_end: bool = False) -> str | None:
    """As much of the text's beginning, or of its end, as `most` tokens hold, from a line's end where one is near; None:
    all fits."""
    if len(text.encode("utf-8", "surrogatepass")) <= most:  # a token is a byte at least
        return None
    kept = _part(text, most * _PER_TOKEN, keep_end)
    if len(kept) == len(text) and count(text) <= most:
        return None
    while (tokens := count(kept)) > most:
        kept = _part(kept, min(len(kept) - 1, int(len(kept) * most / tokens * _NEARER)), keep_end)
    line = kept.find("\n") if keep_end else kept.rfind("\n")
    if keep_end:
        return kept[line + 1 :] if 0 <= line < len(kept) * 0.2 else kept
    return kept[:line] if line > len(kept) * 0.8 else kept


def _part(text: str, characters: int, of_end: bool) -> str:
    return text[max(len(text) - characters, 0) :] if of_end else text[:characters]
