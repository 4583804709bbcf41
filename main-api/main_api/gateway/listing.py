"""What models there are, from all providers, under the names that runs call them by."""

import asyncio
import json
from typing import Any

import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.question import passed_on
from main_api.gateway.upstream import ask
from services.domain.errors import HubError
from services.models.providers import Protocol, Provider

log = structlog.get_logger(__name__)
SECONDS = 5.0


async def openai_models(gateway: Gateway) -> dict[str, Any]:
    """OpenAI's list. A provider that does not answer is left out."""
    found = await _all(gateway, "openai", "models", "data")
    data = [
        {"object": "model", "created": 0, **item, "id": f"{name}/{item.get('id')}", "owned_by": name}
        for name, item in found
    ]
    return {"object": "list", "data": data}


async def anthropic_models(gateway: Gateway) -> dict[str, Any]:
    """Anthropic's list, on one page."""
    found = await _all(gateway, "anthropic", "models", "data")
    data = [{**item, "type": "model", "id": f"{name}/{item.get('id')}"} for name, item in found]
    ids = [item["id"] for item in data]
    return {"data": data, "has_more": False, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}


async def ollama_models(gateway: Gateway, path: str) -> dict[str, Any]:
    """Ollama's lists: `api/tags` is what is there, `api/ps` what is loaded."""
    found = await _all(gateway, "ollama", path, "models")
    names = [(f"{name}/{item.get('model') or item.get('name')}", item) for name, item in found]
    return {"models": [{**item, "name": full, "model": full} for full, item in names]}


async def _all(gateway: Gateway, protocol: Protocol, path: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    speaking: list[tuple[Provider, Protocol]] = [
        (p, way) for p in gateway.providers.values() if (way := _way(p, protocol))
    ]
    lists = await asyncio.gather(*(_one(gateway, provider, way, path, key) for provider, way in speaking))
    return [
        (provider.name, item)
        for (provider, _), items in zip(speaking, lists, strict=True)
        for item in items
        if isinstance(item, dict)
    ]


def _way(provider: Provider, protocol: Protocol) -> Protocol | None:
    """How a provider is asked for its list: Anthropic's keys open only that of its own protocol."""
    if protocol == "openai" and provider.speaks("anthropic") and not provider.speaks("ollama"):
        return "anthropic"
    return protocol if provider.speaks(protocol) else None


async def _one(gateway: Gateway, provider: Provider, protocol: Protocol, path: str, key: str) -> list[Any]:
    try:
        headers = passed_on({}) if protocol == "anthropic" else {}
        path = f"{path}?limit=1000" if protocol == "anthropic" else path  # one page
        async with asyncio.timeout(SECONDS), ask(gateway, provider, protocol, path, None, "", headers) as response:
            return json.loads(await response.read()).get(key) or []
    except (HubError, TimeoutError, ValueError, AttributeError) as error:
        log.info("gateway.not_listed", provider=provider.name, error=str(error))
        return []
