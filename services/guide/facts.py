"""The facts of a record, each with the place where a person sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Fact:
    """One thing that is so. `kind` is what it is about (see topics.py), `label` what its link is called, `place` where
    the page shows it: task_id, tab, run, file, line, proof, plan, view. `ref` is its name in a prompt: `F3`."""

    kind: str
    text: str
    label: str
    place: dict[str, Any] = field(default_factory=dict[str, Any])
    ref: str = ""

    @property
    def line(self) -> str:
        """As a prompt tells it: on one line."""
        return f"[{self.ref}] {' '.join(self.text.split())}"

    @property
    def cite(self) -> dict[str, Any]:
        """As an answer keeps it: what was so when it was given stays to be read."""
        return {"ref": self.ref, "kind": self.kind, "label": self.label, "text": self.text, "place": self.place}


def numbered(facts: Sequence[Fact]) -> list[Fact]:
    """Each with its ref, in this order."""
    return [replace(fact, ref=f"F{number}") for number, fact in enumerate(facts, 1)]
