"""What each provider has, with what is known of each model and what it takes on the card."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import sqlalchemy as sa

from main_api.catalogue import Stock, room
from main_api.hub import HubParts
from main_api.schemas.model import FitOut, GraphicsCardOut, LoadedOut, ModelOut, ModelsOut, ProviderModelsOut
from main_api.schemas.model_profile import KnownProfile
from services.models.fit import Fit
from services.models.overview import There
from services.store.models import ModelProfile

ELSEWHERE = "It runs elsewhere: the card does not matter."
Known = Literal["packaged", "probe", "person", "setting"]


async def models_there(hub: HubParts, context: int | None) -> ModelsOut:
    """Asks every provider now. `context` None: the one that runs get."""
    stocks, card = await hub.catalogue.look(), hub.gateway.card
    async with hub.db.read() as session:
        rows = (await session.execute(sa.select(ModelProfile.name, ModelProfile.source))).all()
    stored = {row.name: row.source for row in rows}
    return ModelsOut(
        card=GraphicsCardOut(bytes=card.bytes, usable=card.usable, kv_type=card.kv_type, parallel=card.parallel),
        offline=any(one.offline for one in hub.gateway.providers.values()),
        default_model=hub.settings.default_model,
        providers=[await _provider(hub, stock, context, stored) for stock in stocks],
    )


async def _provider(hub: HubParts, stock: Stock, context: int | None, stored: Mapping[str, str]) -> ProviderModelsOut:
    provider, scripted = stock.provider, stock.provider.name == "scripted"
    return ProviderModelsOut(
        name=provider.name, own=provider.own, answers=not stock.sentence, scripted=scripted,
        fetches=provider.speaks("ollama") and provider.own and not scripted,
        sentence=stock.sentence, way_out=stock.way_out,
        models=[await _model(hub, stock, one, context, stored.get(one.name)) for one in stock.models],
    )  # fmt: skip


async def _model(hub: HubParts, stock: Stock, one: There, context: int | None, source: str | None) -> ModelOut:
    profile = await hub.gateway.known.profile(one.name)
    found = room(one, context or profile.context_tokens, hub.gateway.card)
    fault = one.shape_fault or ("" if stock.provider.own else ELSEWHERE)
    known: Any = "setting" if one.name in hub.settings.profiles else source or "packaged"
    return ModelOut(
        name=one.name, bytes=one.bytes, modified_at=one.modified_at, parameters=one.parameters,
        quantization=one.quantization, family=one.family,
        loaded=LoadedOut(**asdict(one.loaded)) if one.loaded else None,
        profile=KnownProfile(**asdict(profile)), known_from=known,
        fit=_fit(found.asked) if found else None,
        largest_context=found.largest.context if found and found.largest else None,
        fit_fault="" if found else fault or "Its provider does not tell its shape.",
    )  # fmt: skip


def _fit(fit: Fit) -> FitOut:
    more = {name: value for name, value in asdict(fit).items() if name != "name"}
    return FitOut(**more, total=fit.total, fits=fit.fits)
