"""What a probe, or a person, told of models, kept in the database."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.models.fit import Card
from services.models.profile_fields import ProfileFields
from services.models.profiles import Profile, profile_of
from services.models.tuning import fitted
from services.store.models import ModelProfile
from services.store.types import now

Overrides = Mapping[str, Mapping[str, Any]]


async def stored_fields(session: AsyncSession) -> dict[str, dict[str, Any]]:
    """Fields by full name."""
    return {row.name: row.fields for row in await session.scalars(sa.select(ModelProfile))}


async def profile_in(session: AsyncSession, name: str, settings: Overrides, card: Card) -> Profile:
    """The profile by what is packaged and fits on the card, what is stored over it, and the settings over that."""
    row = await session.get(ModelProfile, name)
    return profile_by(name, row.fields if row else {}, settings, card)


def profile_by(name: str, stored: Mapping[str, Any], settings: Overrides, card: Card) -> Profile:
    """The same with what is stored at hand."""
    return profile_of(name, {name: {**fitted(name, card), **together(stored, settings.get(name, {}))}})


def together(stored: Mapping[str, Any], set_by_owner: Mapping[str, Any]) -> dict[str, Any]:
    """The owner's word over the probe's."""
    return {**stored, **set_by_owner}


async def keep_profile(session: AsyncSession, name: str, fields: ProfileFields, source: str) -> ModelProfile:
    """Writes what is told; a field that is None is forgotten. `source` is probe or person."""
    row = await session.get(ModelProfile, name)
    if row is None:
        row = ModelProfile(name=name)
        session.add(row)
    row.fields, row.source, row.updated_at = fields.told, source, now()
    await session.flush()
    return row


async def forget_profile(session: AsyncSession, name: str) -> dict[str, Any]:
    """Back to what is packaged; answers what was stored. Raises NotFound."""
    row = await session.get(ModelProfile, name) if "\0" not in name else None  # which no database can look for
    if row is None:
        raise NotFound(f"Nothing is stored of {name}.", "GET /model-profiles lists what is.")
    await session.delete(row)
    return row.fields
