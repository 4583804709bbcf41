"""The answer where no model gives one: the facts themselves, and that it is so."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.guide.facts import Fact

TOLD = 6
NOTHING = "The record has nothing yet that could answer this."


@dataclass(frozen=True)
class Plain:
    """The words, and the facts that they are."""

    text: str
    cites: tuple[Fact, ...]


def told(facts: Sequence[Fact], most: int = TOLD) -> Plain:
    """`facts` are ranked; the first of them are told, a line each."""
    first = tuple(facts[:most])
    if not first:
        return Plain(NOTHING, ())
    more = len(facts) - len(first)
    lines = [f"- {' '.join(fact.text.split())} [{fact.ref}]" for fact in first]
    rest = [f"\nThe record has {more} more {'fact' if more == 1 else 'facts'}."] if more > 0 else []
    return Plain("\n".join([*lines, *rest]), first)
