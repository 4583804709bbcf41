"""Turns of local models on a card that holds one at a time, so that it does not load them back and forth.

A task of another model than the loaded one is passed by for a bounded time in favour of those that need no change:
delay scheduling, with the loaded model for the place where the data is (M. Zaharia et al., EuroSys 2010). The bound:

- While there is work that may start for the loaded model, or a run that uses it, the others wait.
- Once the model has had its turn for `batch_seconds`, it starts nothing more. The model whose task waited longest is
  next: at once when the last run that used the old one has ended, else after as long again, whoever is still at work.

So a task waits for the card at most 2 x `batch_seconds` for each other model that tasks wait for, then it is loaded.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.scheduling.fair import Candidate


def provider_of(model: str) -> str:
    return model.partition("/")[0]


@dataclass
class Card:
    """`loaded` is the model that it holds, empty when nobody knows; `using` those of live runs; `lasted` how many
    seconds the loaded one has had its turn; `turn` the model that is next, when that turn is over."""

    batch_seconds: float
    loaded: str = ""
    lasted: float = 0.0
    using: set[str] = field(default_factory=set[str])
    turn: str = ""

    def end_turn(self, waiting: Iterable[Candidate]) -> None:
        """`waiting` are those that nothing but the card keeps from starting."""
        others = [one for one in waiting if one.model and one.model != self.loaded]
        if self.loaded and others and self.lasted >= self.batch_seconds:
            self.turn = min(others, key=lambda one: (one.queued_at, one.id)).model or ""

    def lets_in(self, model: str) -> bool:
        """Whether a run with the model may start at once, before any that wants a change."""
        if not self.batch_seconds:
            return True
        if self.turn:
            return model == self.turn and (self.using <= {model} or self.lasted >= 2 * self.batch_seconds)
        return not self.loaded or model == self.loaded

    def may_change(self, model: str) -> bool:
        """Whether it may start where nothing wants the loaded one."""
        return self.lets_in(model) or (not self.turn and not self.using)

    def take(self, model: str) -> None:
        if model != self.loaded:
            self.loaded, self.lasted, self.turn = model, 0.0, ""
        self.using.add(model)


class Cards:
    """One card for each provider of local models; models of other providers never wait for one."""

    def __init__(self, batch_seconds: float, providers: Collection[str]) -> None:
        self.batch_seconds = batch_seconds
        self._cards = {name: Card(batch_seconds) for name in providers}

    def of(self, model: str) -> Card:
        return self._cards[provider_of(model)]

    def holds(self, model: str | None) -> bool:
        """Whether the model is one that takes a card."""
        return model is not None and provider_of(model) in self._cards

    def end_turns(self, waiting: Iterable[Candidate]) -> None:
        on: dict[str, list[Candidate]] = {}
        for one in waiting:
            if one.model is not None:
                on.setdefault(provider_of(one.model), []).append(one)
        for provider, those in on.items():
            self._cards[provider].end_turn(those)
