"""An ordered choice of models: the first is asked, those behind it stand in where it can't answer.

Written as `["anthropic/claude-haiku-4-5", "ollama/qwen2.5-coder:1.5b"]`; a model that is meant for some work only as
`{"model": "ollama/qwen2.5-coder:1.5b", "complexity": ["simple"], "size": ["S"]}`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from services.models.errors import ModelPolicyInvalid

Complexity = Literal["simple", "medium", "complex"]  # as a plan says it
Size = Literal["S", "M", "L"]  # as a plan says it of each task
COMPLEXITIES: tuple[str, ...] = get_args(Complexity)
SIZES: tuple[str, ...] = get_args(Size)
OF_SIZE = dict(zip(SIZES, COMPLEXITIES, strict=True))  # of a task that no plan told anything of
MOST = 8
LONGEST_NAME = 200
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}/\S+")
EXAMPLE = '["anthropic/claude-haiku-4-5", "ollama/qwen2.5-coder:1.5b"]'


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, as far as it is known: None is for any model."""

    complexity: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One model, `provider/name`, and the work it is for; empty means all."""

    model: str
    complexity: tuple[str, ...] = ()
    size: tuple[str, ...] = ()

    def unfit(self, work: Work) -> str:
        """Why it is not for this work, as the end of a sentence; empty where it is."""
        if self.complexity and work.complexity and work.complexity not in self.complexity:
            return f"is for {_or(self.complexity)} tasks, and this one is {work.complexity}"
        if self.size and work.size and work.size not in self.size:
            return f"is for tasks of size {_or(self.size)}, and this one is {work.size}"
        return ""

    @property
    def plain(self) -> Any:
        """As it is kept in JSON."""
        limits = {name: list(value) for name in ("complexity", "size") if (value := getattr(self, name))}
        return {"model": self.model, **limits} if limits else self.model


def read_policy(value: Any, providers: Collection[str] | None = None) -> tuple[Choice, ...]:
    """The choices of a policy in JSON, or of one model's name. `providers` are the known ones, None for any.

    Raises ModelPolicyInvalid, whose sentence names the entry.
    """
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, Sequence) or not entries:
        raise ModelPolicyInvalid("A choice of models has at least one.", f"Write for instance {EXAMPLE}.")
    if len(entries) > MOST:
        raise ModelPolicyInvalid(f"{len(entries)} models are named; {MOST} are the most.", "Leave the last ones out.")
    choices = tuple(_choice(entry) for entry in entries)
    _check_names([choice.model for choice in choices], providers)
    for complexity in COMPLEXITIES:
        for size in SIZES:
            if all(choice.unfit(Work(complexity, size)) for choice in choices):
                raise ModelPolicyInvalid(
                    f"No model is left for a {complexity} task of size {size}.",
                    "Add one without complexity and size, at the end of the list.",
                )
    return choices


def names_in(policy: Any) -> list[str]:
    """The models of a policy as it is kept, whether it holds or not."""
    entries = policy if isinstance(policy, list) else [policy]
    return [str(entry.get("model") if isinstance(entry, dict) else entry) for entry in entries]


def written(choices: Sequence[Choice]) -> list[Any]:
    """As it is kept in JSON, and read again."""
    return [choice.plain for choice in choices]


def _choice(entry: Any) -> Choice:
    if isinstance(entry, str):
        return Choice(entry)
    if not isinstance(entry, dict) or not isinstance(entry.get("model"), str):
        raise ModelPolicyInvalid(f"{_short(entry)} names no model.", f"Write for instance {EXAMPLE}.")
    name = entry["model"]
    if unknown := sorted(set(entry) - {"model", "complexity", "size"}):
        raise ModelPolicyInvalid(f"{name} has {_short(unknown[0])}.", "Besides model there are complexity and size.")
    return Choice(name, _words(name, entry, "complexity", COMPLEXITIES), _words(name, entry, "size", SIZES))


def _words(name: str, entry: dict[str, Any], field: str, known: Sequence[str]) -> tuple[str, ...]:
    told = entry.get(field) or []
    words = [told] if isinstance(told, str) else told
    if not isinstance(words, list) or not all(word in known for word in words):
        raise ModelPolicyInvalid(f"The {field} of {name} is {_short(told)}.", f"Choose of {', '.join(known)}.")
    return tuple(word for word in known if word in words)


def _check_names(names: Sequence[str], providers: Collection[str] | None) -> None:
    for index, name in enumerate(names):
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise ModelPolicyInvalid(f"{_short(name)} is no model's name.", f"Write provider/name, as in {EXAMPLE}.")
        if name in names[:index]:
            raise ModelPolicyInvalid(f"{name} is named twice.", "Each model stands in the order once.")
        provider = name.partition("/")[0]
        if providers is not None and provider not in providers:
            known = ", ".join(f"{known}/…" for known in sorted(providers))
            raise ModelPolicyInvalid(
                f"There is no provider {provider} for {name}.",
                f"Name it as one of {known}, or set the provider up in the settings.",
            )


def _or(words: Sequence[str]) -> str:
    return " or ".join(words)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
