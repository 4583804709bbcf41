"""How much memory of a graphics card a model takes with a context, and which model and context fit.

Bytes = weights + KV cache + compute buffers + what the driver takes:

- weights: the file, all of it on the card;
- KV cache: for each layer, cells × KV heads × (key length + value length) × bytes of an element. The cells are
  context × parallel; in a layer with a sliding window, for each of the parallel ones, window + batch at most, up to a
  multiple of 256, and never quantized. This is llama.cpp's allocation (src/llama-kv-cache-iswa.cpp; its pull requests
  13194 and 21277);
- compute: 4 × batch × (embedding + vocabulary), or what attention over the context needs where that is more. It is
  `GraphSize` in Ollama's fs/ggml/ggml.go, and what llama.cpp logs as "compute buffer size";
- the driver's own: 0.45 GiB for CUDA's context. `MARGIN` stays free: a desktop uses the card too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from services.models.errors import NothingFits
from services.models.known_shapes import Candidate
from services.models.shapes import ModelShape

KvType = Literal["f16", "q8_0", "q4_0"]
KV_TYPES: tuple[KvType, ...] = get_args(KvType)
# Blocks of 32 elements with a scale of two bytes: 34 and 18 bytes.
ELEMENT_BYTES: dict[KvType, float] = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
KV_TYPE_OF: dict[str, KvType] = {one: one for one in KV_TYPES}  # by the text of a setting
GIB = 2**30
CARD_BYTES = 4 * GIB
BATCH = 512
CELLS = 256  # a window's cache is a multiple of it
DRIVER_BYTES = int(0.45 * GIB)
MARGIN_BYTES = 384 * 2**20
STEP = 1024
LEAST_CONTEXT = 8192  # what a prompt of the hub needs, with its answer
LARGEST_CONTEXT = 16_384  # more is not worth its time on a small card: reading 16k tokens takes it tens of seconds


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card and how it is used. `bytes` is all of its memory; `parallel` answers are given at once.

    Without `flash_attention` a quantized KV cache is not possible: both keep f16 then.
    """

    bytes: int = CARD_BYTES
    kv_type: KvType = "q8_0"
    parallel: int = 1
    flash_attention: bool = True

    @property
    def usable(self) -> int:
        return self.bytes - MARGIN_BYTES


@dataclass(frozen=True, slots=True)
class Fit:
    """What a model takes with a context, in bytes. The context is tokens of one answer and its prompt."""

    name: str
    context: int
    kv_type: KvType
    weights: int
    kv: int
    compute: int
    driver: int
    usable: int

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.compute + self.driver

    @property
    def fits(self) -> bool:
        return self.total <= self.usable


def fit(shape: ModelShape, context: int, card: Card) -> Fit:
    """What the shape takes with `context` tokens on this card."""
    kv_type = card.kv_type if card.flash_attention else "f16"
    return Fit(
        shape.name, context, kv_type, shape.weights_bytes, kv_bytes(shape, context, kv_type, card.parallel),
        compute_bytes(shape, context * card.parallel, card.flash_attention), DRIVER_BYTES, card.usable,
    )  # fmt: skip


def kv_bytes(shape: ModelShape, context: int, kv_type: KvType, parallel: int = 1) -> int:
    """Bytes of the KV cache."""
    whole = context * parallel
    short = parallel * min(context, -(-min(context, shape.window + BATCH) // CELLS) * CELLS)
    total = 0.0
    for layer, heads in enumerate(shape.kv_heads):
        elements = heads * (shape.key_length + shape.value_length)
        if shape.windowed and shape.windowed[layer]:
            total += short * elements * ELEMENT_BYTES["f16"]
        else:
            total += whole * elements * ELEMENT_BYTES[kv_type]
    return int(total)


def compute_bytes(shape: ModelShape, cells: int, flash_attention: bool) -> int:
    """Bytes of the buffers that one batch passes through; flash attention never writes its scores out."""
    scores = cells if flash_attention else cells * (1 + shape.heads)
    return max(4 * BATCH * (shape.embedding + shape.vocabulary), 4 * BATCH * (1 + 4 * shape.embedding + scores))


def largest_context(shape: ModelShape, card: Card, ceiling: int = LARGEST_CONTEXT) -> Fit | None:
    """The largest context that fits, in steps of 1,024, and not above what the model was trained for; None for none."""
    for context in range(min(ceiling, shape.trained_context) // STEP * STEP, 0, -STEP):
        found = fit(shape, context, card)
        if found.fits:
            return found
    return None


def choose(
    candidates: Iterable[Candidate], card: Card, *, research: bool = False, least: int = LEAST_CONTEXT
) -> tuple[Candidate, Fit]:
    """The best scored model that fits with `least` tokens at least, and its largest context; the smaller one of equals.

    Models licensed for research only are left out unless `research`. Raises NothingFits.
    """
    found: list[tuple[Candidate, Fit]] = []
    for candidate in candidates:
        if candidate.score is None or not (research or candidate.for_any_use):
            continue
        best = largest_context(candidate.shape, card)
        if best is not None and best.context >= least:
            found.append((candidate, best))
    if not found:
        raise NothingFits(
            f"No known model fits in {card.bytes / GIB:.1f} GiB with a context of {least} tokens.",
            "Use a larger card, let the processor do it (slow), or name a model of a provider by key in DEFAULT_MODEL.",
        )
    return max(found, key=lambda pair: (pair[0].score or 0, -pair[1].total))
