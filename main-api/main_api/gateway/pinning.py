"""Pins the context of Ollama's models behind its OpenAI protocol, which takes no size and cuts long prompts in silence.

A model made from the one that was asked for, with `num_ctx` set, shares its weights and takes no space.
"""

import json
from typing import Any

import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.question import EMBEDDING, Question
from main_api.gateway.upstream import ask
from services.models.errors import ModelMissing
from services.models.modelfile import Modelfile
from services.models.profiles import Profile
from services.models.providers import Provider

log = structlog.get_logger(__name__)


async def pinned_model(gateway: Gateway, provider: Provider, question: Question, model: str, profile: Profile) -> str:
    """The name to ask the provider for; made once for each start of the gateway. Raises what `ask` does."""
    if not provider.pins_context or question.protocol != "openai" or question.path in EMBEDDING:
        return model
    wanted = Modelfile(model, profile.context_tokens)
    async with gateway.turns.take(("pin", wanted.name)):
        if wanted.name not in gateway.pinned:
            gateway.pinned[wanted.name] = await _make(gateway, provider, wanted)
    return gateway.pinned[wanted.name]


async def _make(gateway: Gateway, provider: Provider, wanted: Modelfile) -> str:
    model = wanted.base
    await _post(gateway, provider, "api/show", {"model": model}, model)  # making one from what isn't there downloads it
    try:
        await _post(gateway, provider, "api/create", wanted.request, model)
    except ModelMissing:
        log.warning("gateway.context_not_pinned", model=model, reason="this server makes no models")
        return model
    log.info("gateway.context_pinned", model=model, alias=wanted.name)
    return wanted.name


async def _post(gateway: Gateway, provider: Provider, path: str, body: dict[str, Any], model: str) -> None:
    limit = gateway.fallback_seconds  # no model is at work here
    async with ask(
        gateway, provider, "ollama", path, json.dumps(body).encode(), model, begin_seconds=limit
    ) as response:
        await response.read()
