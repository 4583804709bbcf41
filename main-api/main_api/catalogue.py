"""What models there are, with what each takes on the card; and their removal."""

import asyncio
import json
from dataclasses import dataclass

import structlog

from main_api.gateway import Gateway
from main_api.thread import in_thread
from services.domain.errors import HubError, InvalidInput
from services.models.catalogue import away
from services.models.errors import ModelMissing, ModelRefused
from services.models.fit import Card, Fit, fit, largest_context
from services.models.overview import Shapes, There, overview
from services.models.providers import Provider

log = structlog.get_logger(__name__)
SECONDS = 8.0


@dataclass(frozen=True)
class Stock:
    """A provider and its models; where it does not answer, why, and what to do."""

    provider: Provider
    models: list[There]
    sentence: str = ""
    way_out: str = ""


@dataclass(frozen=True)
class Room:
    """What a model takes on the card with a context, and the largest context that fits; None where nobody can tell."""

    asked: Fit
    largest: Fit | None


class Catalogue:
    """Asks the providers anew each time, and keeps the shapes of models, which never change."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._shapes: Shapes = {}

    async def look(self) -> list[Stock]:
        """All providers side by side, in the order of their names; one that hangs is left behind."""
        return list(await asyncio.gather(*(self._of(one) for _, one in sorted(self._gateway.providers.items()))))

    async def _of(self, provider: Provider) -> Stock:
        try:
            async with asyncio.timeout(SECONDS):
                models = await in_thread(lambda: overview(provider, self._shapes), f"models-{provider.name}")
            return Stock(provider, models)
        except HubError as error:
            return Stock(provider, [], error.sentence, error.way_out)
        except TimeoutError:
            return Stock(provider, [], f"{provider.name} did not answer in time.", "Look whether it is busy.")

    async def remove(self, provider: Provider, own: str) -> int:
        """Takes it off the disk, with what the gateway made of it; answers its size. Raises ModelMissing,
        ModelRefused, UpstreamFailed, InvalidInput."""
        if not provider.speaks("ollama") or provider.name == "scripted" or not provider.own:
            raise InvalidInput(f"Models of {provider.name} are not removed from here.", "Only an Ollama's own are.")
        there = {one.name: one for one in await in_thread(lambda: overview(provider, self._shapes), "models")}
        model = there.get(f"{provider.name}/{own}") or there.get(f"{provider.name}/{own}:latest")
        if model is None:
            raise ModelMissing(f"{provider.name} does not have the model {own!r}.", "GET /models lists what it has.")
        for name in (*model.aliases, model.name.partition("/")[2]):
            await self._delete(provider, name)
            self._gateway.pinned.pop(name, None)
        return model.bytes

    async def _delete(self, provider: Provider, name: str) -> None:
        url, body = provider.url("ollama", "api/delete"), json.dumps({"model": name}).encode()
        try:
            client = self._gateway.client(provider)
            async with asyncio.timeout(60), client.delete(url, data=body, headers=_headers(provider)) as answer:
                said = (await answer.text())[:300]
        except (OSError, TimeoutError) as error:  # aiohttp's errors of the line are OSErrors
            raise away(provider, url) from error
        if answer.status not in (200, 404):
            raise ModelRefused(f"{provider.name} did not remove {name}: {said}", "Look at its log.")


def room(model: There, context: int, card: Card) -> Room | None:
    if model.shape is None:
        return None
    return Room(fit(model.shape, context, card), largest_context(model.shape, card))


def _headers(provider: Provider) -> dict[str, str]:
    return {**provider.headers("ollama"), "Content-Type": "application/json"}
