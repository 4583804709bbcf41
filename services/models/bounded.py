"""A bounded, steady answer by OpenAI's protocol: newer models name the bound otherwise, or take no temperature."""

from collections.abc import Callable
from typing import Any, TypeVar

from services.models.errors import ModelRefused

T = TypeVar("T")
BOUND = "max_tokens"  # understood by servers of every kind; OpenAI's own models refuse it since o1
OPENAI_BOUND = "max_completion_tokens"  # what a model thinks counts as well
THINKING = 4  # times as many tokens, for models that think first


def bounded(ask: Callable[[dict[str, Any]], T], tokens: int) -> T:
    """`ask` with the fields for it; where the model refuses one of them by its name, once more with others.

    Raises what `ask` raises.
    """
    more = {OPENAI_BOUND: tokens * THINKING}
    for fields in ({"temperature": 0, BOUND: tokens}, {"temperature": 0, **more}):
        try:
            return ask(fields)
        except ModelRefused as refused:
            if not any(name in refused.sentence for name in fields):
                raise
    return ask(more)
