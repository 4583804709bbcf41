"""A prompt as sections with ranks: what does not fit the model's context is cut by rank, and the cut is stated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.domain.errors import HubError
from services.prompts.budgets import cut_to
from services.prompts.fences import HOW_TO_READ, fenced, harmless, nonce_of
from services.prompts.settings import PromptSettings
from services.redaction import KNOWN

Count = Callable[[str], int]


class PromptTooLong(HubError):
    """Even without all that may be left out, the prompt does not fit the model's context."""

    code = "prompt_too_long"


@dataclass(frozen=True)
class Section:
    """One part of a prompt. Rank 0 is never left out; of the others the highest rank goes first.

    `name` is its own in the table of budgets. `outside`: others wrote it, so it is fenced as data. `cut` names what its
    text says that it lacks. `newest_last`: of a text that is longer than its budget the end is kept.
    """

    title: str
    text: str
    rank: int = 0
    cut: tuple[str, ...] = ()
    name: str = ""
    outside: bool = False
    newest_last: bool = False


@dataclass(frozen=True)
class Part:
    """A section as it stands in the prompt, or would have stood if it were `kept`. `budget` is in tokens, None: none;
    `cut` names what was taken off it."""

    section: Section
    text: str
    budget: int | None
    cut: tuple[str, ...] = ()
    kept: bool = True


@dataclass(frozen=True)
class Prompt:
    """The text, its tokens, what it does without: whole sections by their titles and what was cut within them; its
    parts in reading order, and the number of its fences, empty where nothing is fenced."""

    text: str
    tokens: int
    left_out: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    fence: str = ""


def compose(sections: Sequence[Section], room: int, count: Count, settings: PromptSettings) -> Prompt:
    """The sections in their order, within `room` tokens as `count` counts them, without secrets.

    First each is cut to its budget. Then sections of the highest rank are left out, later ones before earlier ones,
    until the rest fits; a line says which. Raises PromptTooLong when rank 0 alone does not fit: nothing is ever cut in
    silence. The same sections give the same prompt.
    """
    cleaned = [replace(section, text=_clean(section)) for section in sections if section.text.strip()]
    within = [_within_budget(section, settings.budget(section.name), count) for section in cleaned]
    outside = [part.section.text for part in within if part.section.outside]
    fence = nonce_of(settings.fence_key, outside) if outside else ""
    parts = [replace(part, text=_render(part, fence)) for part in _with_guidance(within, fence)]
    left_out: list[str] = []
    while (tokens := count(prompt := _joined(parts, left_out))) > room:
        droppable = [number for number, part in enumerate(parts) if part.kept and part.section.rank > 0]
        if not droppable:
            raise PromptTooLong(
                f"The prompt needs about {tokens} tokens and the model has room for {room}.",
                "Choose a model with a larger context, or split the task.",
            )
        victim = max(reversed(droppable), key=lambda number: parts[number].section.rank)
        parts[victim] = replace(parts[victim], kept=False)
        left_out.insert(0, parts[victim].section.title)
    lacks = (*left_out, *(cut for part in parts if part.kept for cut in part.cut))
    return Prompt(prompt, tokens, lacks, tuple(parts), fence)


def _clean(section: Section) -> str:
    text = KNOWN(section.text).strip()
    return harmless(text) if section.outside else text


def _within_budget(section: Section, budget: int | None, count: Count) -> Part:
    if budget is None:
        return Part(section, "", None, section.cut)
    shortened = cut_to(section.text, budget, count, keep_end=section.newest_last)
    if shortened is None:
        return Part(section, "", budget, section.cut)
    said = f"{section.title} beyond {budget:,} tokens"
    return Part(replace(section, text=shortened), "", budget, (*section.cut, said))


def _with_guidance(parts: Sequence[Part], fence: str) -> list[Part]:
    """The words on fences come before the first of them, behind the header."""
    if not fence:
        return list(parts)
    guidance = Part(Section("How to read this", HOW_TO_READ.format(nonce=fence), name="fences"), "", None)
    start = 1 if parts[0].section.title == "" else 0
    return [*parts[:start], guidance, *parts[start:]]


def _render(part: Part, fence: str) -> str:
    section = part.section
    body = fenced(section.text, fence) if section.outside else section.text
    if len(part.cut) > len(section.cut):
        said = f"(Cut here: it is longer than the {part.budget:,} tokens that it may take.)"
        body = f"{said}\n{body}" if section.newest_last else f"{body}\n{said}"
    return f"# {section.title}\n{body}\n" if section.title else f"{body}\n"


def _joined(parts: Sequence[Part], left_out: Sequence[str]) -> str:
    told = [part.text for part in parts if part.kept]
    if left_out:
        told.append(f"(Left out, because the model's context is full: {', '.join(left_out)}.)\n")
    return "\n".join(told)
