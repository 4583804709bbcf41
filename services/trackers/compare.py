"""What an import would do with one task: decided from the three texts alone, theirs, ours and the last imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["new", "update", "same", "differs", "deleted"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that both sides changed since the last import: ours stays."""

    field: str
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`set` are the fields that an import writes. `deleted`: it was imported once and deleted here, and stays away."""

    verdict: Verdict
    set: dict[str, str] = field(default_factory=dict[str, str])
    differs: tuple[Difference, ...] = ()


def compare(theirs: Mapping[str, str], ours: Mapping[str, str], imported: Mapping[str, Any]) -> Comparison:
    """Field by field: theirs is taken where it changed and ours did not."""
    taken: dict[str, str] = {}
    differing: list[Difference] = []
    for name, text in theirs.items():
        if text == imported.get(name) or text == ours[name]:
            continue
        if ours[name] == imported.get(name):
            taken[name] = text
        else:
            differing.append(Difference(name, text, ours[name]))
    verdict: Verdict = "update" if taken else "differs" if differing else "same"
    return Comparison(verdict, taken, tuple(differing))
