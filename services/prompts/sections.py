"""A prompt as sections with ranks: what does not fit the model's context is cut by rank, and the cut is stated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.domain.errors import HubError
from services.redaction import KNOWN


class PromptTooLong(HubError):
    """Even without all that may be left out, the prompt does not fit the model's context."""

    code = "prompt_too_long"


@dataclass(frozen=True)
class Section:
    """One part of a prompt. Rank 0 is never cut; of the others the highest rank goes first. `cut` names what its text
    says that it lacks."""

    title: str
    text: str
    rank: int = 0
    cut: tuple[str, ...] = ()

    def render(self) -> str:
        return f"# {self.title}\n{self.text.strip()}\n" if self.title else f"{self.text.strip()}\n"


@dataclass(frozen=True)
class Prompt:
    """The text, its tokens, and what it does without: whole sections by their titles, and what was cut within them."""

    text: str
    tokens: int
    left_out: tuple[str, ...] = ()


def compose(sections: Sequence[Section], budget: int, count: Callable[[str], int]) -> Prompt:
    """The sections in their order, within `budget` tokens as `count` counts them, without secrets.

    Sections of the highest rank are left out first, later ones before earlier ones; a line says which were left out.
    Raises PromptTooLong when rank 0 alone is over the budget: nothing is ever cut in silence.
    """
    kept = [replace(section, text=KNOWN(section.text)) for section in sections if section.text.strip()]
    left_out: list[str] = []
    while (tokens := count(prompt := _render(kept, left_out))) > budget:
        cuttable = [section for section in kept if section.rank > 0]
        if not cuttable:
            raise PromptTooLong(
                f"The prompt needs about {tokens} tokens and the model has room for {budget}.",
                "Choose a model with a larger context, or split the task.",
            )
        victim = max(reversed(cuttable), key=lambda section: section.rank)
        kept.remove(victim)
        left_out.insert(0, victim.title)
    return Prompt(prompt, tokens, (*left_out, *(cut for section in kept for cut in section.cut)))


def _render(kept: Sequence[Section], left_out: Sequence[str]) -> str:
    parts = [section.render() for section in kept]
    if left_out:
        parts.append(f"(Left out, because the model's context is full: {', '.join(left_out)}.)\n")
    return "\n".join(parts)
