"""Asks a provider for its models, and says in words what came of it."""

import time
from dataclasses import dataclass, replace

from main_api.gateway import Gateway
from main_api.health.models import listed
from main_api.schemas.provider import ProviderTried
from services.domain.errors import HubError
from services.models.providers import Named, Protocol, Provider, build_providers

SHOWN = 200


@dataclass(frozen=True)
class Tried:
    """What is tried: as it would be set up, without its being kept."""

    name: str
    url: str
    protocol: Protocol
    local: bool
    key: str | None


def built(tried: Tried, *, offline: bool) -> Provider | None:
    """The provider as the hub would have it; None for a vendor that lacks its key."""
    match tried.name:
        case "ollama":
            found = build_providers(ollama_url=tried.url, offline=offline)
        case "openai":
            found = build_providers(openai_base_url=tried.url, openai_api_key=tried.key, offline=offline)
        case "anthropic":
            found = build_providers(anthropic_base_url=tried.url, anthropic_api_key=tried.key, offline=offline)
        case "groq":
            found = build_providers(groq_api_key=tried.key, offline=offline)
        case _:
            made = Named(tried.name, tried.url, tried.key, tried.protocol, tried.local).provider()
            return replace(made, offline=offline)
    return found.get(tried.name)


async def try_out(gateway: Gateway, provider: Provider | None, name: str) -> ProviderTried:
    """Within five seconds. Holds no transaction."""
    begun = time.perf_counter()
    ok, sentence, way_out, models = await _asked(gateway, provider, name)
    took = round((time.perf_counter() - begun) * 1000, 1)
    return ProviderTried(ok=ok, sentence=sentence, way_out=way_out, models=models[:SHOWN], milliseconds=took)


async def _asked(gateway: Gateway, provider: Provider | None, name: str) -> tuple[bool, str, str, list[str]]:
    if provider is None:
        return False, f"{name} has no key, so none of its models can be asked.", "Send its key.", []
    try:
        models = await listed(gateway, provider)
    except HubError as error:
        return False, error.sentence, error.way_out, []
    except TimeoutError:
        return (
            False,
            f"{name} did not answer in five seconds.",
            "Look whether it runs, and whether the address is its own.",
            [],
        )
    except (ValueError, AttributeError):
        return False, f"{name} answers, but not with a list of models.", "Check its address and its protocol.", []
    if not models:
        return True, f"{name} answers, and has no model yet.", "Pull one, then choose it.", []
    return True, f"{name} answers, with {len(models)} model{'' if len(models) == 1 else 's'}.", "", models  # fmt: skip
