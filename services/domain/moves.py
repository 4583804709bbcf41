"""One way to write down a noun's legal moves, and to refuse the others with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from services.domain.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S]):
    """A noun's states: which may follow which. A state with no way out is final."""

    noun: str
    moves: Mapping[S, frozenset[S]]

    def may(self, old: S, new: S) -> bool:
        return new in self.moves[old]

    def check(self, old: S, new: S) -> S:
        """The new state, or IllegalMove naming what would have been legal."""
        if self.may(old, new):
            return new
        ways = ", ".join(sorted(self.moves[old])) or "nothing: it is final"
        raise IllegalMove(
            f"A {self.noun} that is {old} can't become {new}.", f"From {old} it can become: {ways}.", old=old, new=new
        )

    def is_final(self, state: S) -> bool:
        return not self.moves[state]
