"""Writes down when a server of local models has to load another one, and how long that takes.

Ollama's OpenAI protocol does not tell: so the model is loaded by a request of its own before the call that wants it
("If an empty prompt is provided, the model will be loaded into memory", Ollama's API). The call would wait as long.
"""

import json
import time

import sqlalchemy as sa
import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.question import EMBEDDING, Question
from main_api.gateway.upstream import ask
from services.domain.errors import HubError
from services.models.providers import Provider, runs_elsewhere
from services.store.models import ModelLoad

log = structlog.get_logger(__name__)


async def load_first(gateway: Gateway, provider: Provider, question: Question, asked: str) -> None:
    """Where the question is for another model than the one before it. `asked` is the model's name at the provider. What
    goes wrong here the call itself will say."""
    name = question.name
    if not provider.pins_context or gateway.loaded.get(provider.name) == name:
        return
    if question.path in EMBEDDING or runs_elsewhere(name):
        return
    async with gateway.turns.take(("load", provider.name)):
        before = gateway.loaded.get(provider.name) or await _last(gateway, provider.name)
        if before != name:
            seconds = await _load(gateway, provider, asked) if question.protocol == "openai" else None
            async with gateway.db.write() as session:
                session.add(ModelLoad(provider=provider.name, model=name, before=before, seconds=seconds))
            log.info("gateway.model_loaded", model=name, before=before, seconds=seconds)
        gateway.loaded[provider.name] = name


async def _last(gateway: Gateway, provider: str) -> str:
    """As this hub knew it before it was started anew."""
    newest = sa.select(ModelLoad.model).where(ModelLoad.provider == provider).order_by(ModelLoad.id.desc()).limit(1)
    async with gateway.db.read() as session:
        return await session.scalar(newest) or ""


async def _load(gateway: Gateway, provider: Provider, asked: str) -> float | None:
    """Seconds; None where the server can't do it."""
    begun, body = time.monotonic(), json.dumps({"model": asked, "stream": False}).encode()
    try:
        async with ask(gateway, provider, "ollama", "api/generate", body, asked) as response:
            await response.read()
    except HubError as error:
        log.info("gateway.load_not_measured", model=asked, error=str(error)[:300])
        return None
    return round(time.monotonic() - begun, 3)
