"""What models there are, from all providers, under the names that runs call them by."""

import asyncio
import json
from typing import Any

import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.upstream import ask
from services.domain.errors import HubError
from services.models.providers import Protocol, Provider

log = structlog.get_logger(__name__)
SECONDS = 5.0


async def openai_models(gateway: Gateway) -> dict[str, Any]:
    """OpenAI's list. A provider that does not answer is left out."""
    found = await _all(gateway, "openai", "models", "data")
    data = [{**item, "id": f"{name}/{item.get('id')}", "owned_by": name} for name, item in found]
    return {"object": "list", "data": data}


async def ollama_models(gateway: Gateway, path: str) -> dict[str, Any]:
    """Ollama's lists: `api/tags` is what is there, `api/ps` what is loaded."""
    found = await _all(gateway, "ollama", path, "models")
    names = [(f"{name}/{item.get('model') or item.get('name')}", item) for name, item in found]
    return {"models": [{**item, "name": full, "model": full} for full, item in names]}


async def _all(gateway: Gateway, protocol: Protocol, path: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    speaking = [p for p in gateway.providers.values() if protocol == "openai" or p.ollama_url]
    lists = await asyncio.gather(*(_one(gateway, provider, protocol, path, key) for provider in speaking))
    return [
        (provider.name, item)
        for provider, items in zip(speaking, lists, strict=True)
        for item in items
        if isinstance(item, dict)
    ]


async def _one(gateway: Gateway, provider: Provider, protocol: Protocol, path: str, key: str) -> list[Any]:
    try:
        async with asyncio.timeout(SECONDS), ask(gateway, provider, protocol, path, None, "") as response:
            return json.loads(await response.read()).get(key) or []
    except (HubError, TimeoutError, ValueError, AttributeError) as error:
        log.info("gateway.not_listed", provider=provider.name, error=str(error))
        return []
