"""A model's shape: what decides how much memory it takes, read from Ollama's `/api/show` (GGUF's metadata keys)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.models.errors import ModelShapeUnknown

BIGGEST_VOCABULARY = 262_208  # Gemma's, the largest there is: for a model that does not say
# Every n-th layer sees the whole context where the file has no pattern: llama.cpp's own numbers for these families.
_FULL_EVERY = {"gemma2": 2, "gemma3": 6, "gptoss": 2, "gpt-oss": 2, "cohere2": 4}


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Weights in bytes, all else are counts. `kv_heads` and `windowed` have one entry for each layer.

    A windowed layer keeps only the last `window` tokens. `source` says where the numbers are from.
    """

    name: str
    weights_bytes: int
    trained_context: int
    embedding: int
    heads: int
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    vocabulary: int = BIGGEST_VOCABULARY
    window: int = 0
    windowed: tuple[bool, ...] = ()
    source: str = ""

    @property
    def layers(self) -> int:
        return len(self.kv_heads)


def hides_layers(show: Mapping[str, Any]) -> bool:
    """Whether the answer left out a list with a number for each layer: ask again with `verbose`."""
    info: Mapping[str, Any] = show.get("model_info") or {}
    named = ("attention.head_count_kv", "attention.head_count", "attention.sliding_window_pattern")
    return any(key.endswith(named) and value is None for key, value in info.items())


def shape_from_show(name: str, show: Mapping[str, Any], weights_bytes: int) -> ModelShape:
    """The shape that an answer of `/api/show` tells. Raises ModelShapeUnknown where it lacks what a shape needs."""
    info: Mapping[str, Any] = show.get("model_info") or {}
    family = str(info.get("general.architecture", ""))

    def told(key: str) -> Any:
        return info.get(f"{family}.{key}")

    layers, embedding, heads = told("block_count"), told("embedding_length"), told("attention.head_count")
    kv_heads = told("attention.head_count_kv") or heads  # GGUF: the same as the heads where it is not said
    widest: Any = max(heads) if isinstance(heads, list) and heads else heads
    if not all(isinstance(number, int) and number > 0 for number in (layers, embedding, widest)):
        raise ModelShapeUnknown(
            f"The server does not tell the shape of {name}.",
            "Its memory can't be computed: try a model of Ollama's library, or set its context in MODEL_PROFILES.",
        )
    length = embedding // widest
    window = told("attention.sliding_window")
    return ModelShape(
        name=name,
        weights_bytes=weights_bytes,
        trained_context=_number(told("context_length"), 4096),
        embedding=embedding,
        heads=widest,
        kv_heads=_each(kv_heads, layers, widest),
        key_length=_number(told("attention.key_length"), length),
        value_length=_number(told("attention.value_length"), length),
        vocabulary=_vocabulary(told("vocab_size"), info.get("tokenizer.ggml.tokens")),
        window=_number(window, 0),
        windowed=_windowed(family, told("attention.sliding_window_pattern"), layers) if window else (),
        source="the model server's /api/show",
    )


def windowed_but_every(nth: int, layers: int) -> tuple[bool, ...]:
    """The layers that keep only a window, where every `nth` sees everything."""
    return tuple((layer + 1) % nth != 0 for layer in range(layers))


def _windowed(family: str, pattern: Any, layers: int) -> tuple[bool, ...]:
    """Where nothing is known of the pattern, every layer counts as seeing everything: rather too much."""
    if isinstance(pattern, list):
        return tuple(bool(one) for one in pattern[:layers]) if len(pattern) >= layers else ()
    every = pattern if isinstance(pattern, int) and pattern > 1 else _FULL_EVERY.get(family)
    return windowed_but_every(every, layers) if every else ()


def _each(value: Any, layers: int, otherwise: int) -> tuple[int, ...]:
    if isinstance(value, list) and len(value) >= layers and all(isinstance(one, int) for one in value):
        return tuple(value[:layers])
    return (value if isinstance(value, int) else otherwise,) * layers


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and value > 0 else otherwise


def _vocabulary(size: Any, tokens: Any) -> int:
    return len(tokens) if isinstance(tokens, list) and tokens else _number(size, BIGGEST_VOCABULARY)
