"""What an answer says of the tokens it used, in each protocol's words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens as the provider counted them. `cached` were read from its cache and `written` put there (`kept_long` of
    them for an hour); both are part of `tokens_in`.
    """

    tokens_in: int
    tokens_out: int
    cached: int = 0
    written: int = 0
    kept_long: int = 0
    writing_seconds: float | None = None  # as Ollama measures it: without loading the model and reading the prompt


def openai_usage(answer: dict[str, Any]) -> Used | None:
    """Groq tells it of a stream in a field of its own."""
    groq = answer.get("x_groq")
    usage = answer.get("usage") or (groq.get("usage") if isinstance(groq, dict) else None)
    if not isinstance(usage, dict) or not isinstance(usage.get("prompt_tokens"), int):
        return None
    details = usage.get("prompt_tokens_details")
    cached = _count(details, "cached_tokens") if isinstance(details, dict) else 0
    return Used(usage["prompt_tokens"], _count(usage, "completion_tokens"), cached)


def ollama_usage(answer: dict[str, Any]) -> Used | None:
    if not isinstance(answer.get("prompt_eval_count"), int):
        return None
    took = answer.get("eval_duration")
    seconds = took / 1e9 if isinstance(took, int) and took > 0 else None
    return Used(answer["prompt_eval_count"], _count(answer, "eval_count"), writing_seconds=seconds)


def anthropic_usage(answer: dict[str, Any]) -> Used | None:
    """Its `input_tokens` are those beside the cache. None without a usage."""
    usage = answer.get("usage")
    if not isinstance(usage, dict) or not isinstance(usage.get("input_tokens"), int):
        return None
    cached, written = _count(usage, "cache_read_input_tokens"), _count(usage, "cache_creation_input_tokens")
    lasting = usage.get("cache_creation")
    long = _count(lasting, "ephemeral_1h_input_tokens") if isinstance(lasting, dict) else 0
    tokens_in = usage["input_tokens"] + cached + written
    return Used(tokens_in, _count(usage, "output_tokens"), cached, written, min(long, written))


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0
