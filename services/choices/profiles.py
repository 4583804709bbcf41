"""What a person, or a probe of theirs, says of a model: stored, forgotten, and told."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between, gone
from services.events import log
from services.models.profile_fields import ProfileFields
from services.models.stored_profiles import forget_profile, keep_profile
from services.store.models import ModelProfile


async def put_profile(
    session: AsyncSession, name: str, fields: ProfileFields, source: str, *, actor: str
) -> ModelProfile:
    """Writes what is told; a field that is None is forgotten. `source` is probe or person."""
    await log.lock(session)
    known = await session.get(ModelProfile, name)
    before = dict(known.fields) if known is not None else {}
    row = await keep_profile(session, name, fields, source)
    told = {"model": name, "source": source, **between(before, row.fields)}
    await log.append(session, "model_profile.stored", actor=actor, **told)
    return row


async def drop_profile(session: AsyncSession, name: str, *, actor: str) -> None:
    """Back to what is packaged. Raises NotFound."""
    await log.lock(session)
    fields = await forget_profile(session, name)
    await log.append(session, "model_profile.forgotten", actor=actor, model=name, **gone(**fields))
