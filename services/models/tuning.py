"""The environment of an Ollama server, from what fits on the card."""

from collections.abc import Mapping
from typing import Any

from services.models.fit import LARGEST_CONTEXT, Card, Fit, largest_context
from services.models.known_shapes import KNOWN
from services.models.profiles import profile_of

KEEP_ALIVE = "30m"
FREE_MEBIBYTES = 384


def ollama_environment(context: int, card: Card) -> dict[str, str]:
    """What Ollama reads at its start. `context` is that of one answer; Ollama multiplies it by the parallel ones.

    One model stays loaded, for the card holds no second one. Cloud models are off: what is local stays local.
    """
    environment = {
        "OLLAMA_CONTEXT_LENGTH": str(context),
        "OLLAMA_NUM_PARALLEL": str(card.parallel),
        "OLLAMA_MAX_LOADED_MODELS": "1",
        "OLLAMA_FLASH_ATTENTION": "1" if card.flash_attention else "0",
        "OLLAMA_KEEP_ALIVE": KEEP_ALIVE,
        "OLLAMA_NO_CLOUD": "1",
        "LLAMA_ARG_FIT_TARGET": str(FREE_MEBIBYTES),
    }
    if card.flash_attention:
        environment["OLLAMA_KV_CACHE_TYPE"] = card.kv_type
    return environment


def environment_for(model: str, card: Card, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, str]:
    """The environment for a model (`provider/name`) before any server can tell its shape.

    The context is what the gateway will pin, so that calls past it load nothing anew; or less where that does not fit.
    """
    pinned = profile_of(model, overrides).context_tokens
    found = fit_of_known(model, card, pinned)
    return ollama_environment(found.context if found else pinned, card)


def fit_of_known(model: str, card: Card, ceiling: int = LARGEST_CONTEXT) -> Fit | None:
    """The largest context of a model in the packaged table; None for a model that isn't there or does not fit."""
    shape = next((one.shape for one in KNOWN if one.shape.name == model), None)
    return largest_context(shape, card, ceiling) if shape else None


def fitted(model: str, card: Card) -> dict[str, int]:
    """What the card leaves of a local model's packaged context: a profile's field where that is less, else nothing.

    A model that fits with no context keeps its own: its server puts part of it into the machine's memory.
    """
    packaged = profile_of(model).context_tokens
    found = fit_of_known(model, card, packaged)
    return {"context_tokens": found.context} if found and found.context < packaged else {}
