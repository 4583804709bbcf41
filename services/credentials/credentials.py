"""Add, list, use and delete. There is no way to read one back but to use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials.keyring import Keyring
from services.domain.changes import changed, gone, made
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.events import log
from services.redaction import KNOWN
from services.store.database import Database
from services.store.models import Credential, NoticeSettings
from services.store.types import now

LONGEST = 65_536


@dataclass(frozen=True)
class CredentialFacts:
    """All that is ever told of one. Times are UTC; `used_at` None: never."""

    id: int
    provider: str
    label: str
    created_at: datetime
    used_at: datetime | None


async def add(session: AsyncSession, ring: Keyring, provider: str, label: str, value: str, actor: str) -> int:
    """Answers its id. Raises InvalidInput for an empty or huge value, Conflict where the provider has that label."""
    provider, label, value = provider.strip(), label.strip(), value.strip()
    if not (provider and label and value) or len(value) > LONGEST:
        raise InvalidInput("A credential needs a provider, a label and a value.", "Send all three.")
    same = sa.select(sa.exists().where(Credential.provider == provider, Credential.label == label))
    if await session.scalar(same):
        raise Conflict(f"{provider} has a credential {label!r} already.", "Delete it first, or choose another label.")
    with KNOWN.knowing("credential", value):
        row = Credential(provider=provider, label=label, encrypted=ring.encrypt(value), key_id=ring.key_id)
        session.add(row)
        await session.flush()
        about = {"provider": provider, "label": label}
        await log.append(session, "credential.added", actor=actor, credential_id=row.id, **about, **made(**about))
    return row.id


async def replace(session: AsyncSession, ring: Keyring, credential_id: int, value: str, actor: str) -> None:
    """Another value for what keeps its name and what depends on it. Raises InvalidInput, NotFound."""
    value = value.strip()
    if not value or len(value) > LONGEST:
        raise InvalidInput("A credential needs a value.", "Send the new one.")
    row = await _row(session, credential_id)
    with KNOWN.knowing("credential", value):
        stored, row.created_at = row.created_at, now()
        row.encrypted, row.key_id = ring.encrypt(value), ring.key_id
        await session.flush()
        about = {"provider": row.provider, "label": row.label}
        told = changed(stored_at=(stored, row.created_at))
        await log.append(session, "credential.replaced", actor=actor, credential_id=row.id, **about, **told)


async def list_credentials(session: AsyncSession, provider: str | None = None) -> list[CredentialFacts]:
    """By provider and label, without their values."""
    columns = (Credential.id, Credential.provider, Credential.label, Credential.created_at, Credential.used_at)
    query = sa.select(*columns).order_by(Credential.provider, Credential.label)
    if provider is not None:
        query = query.where(Credential.provider == provider)
    return [CredentialFacts(*row) for row in await session.execute(query)]


@asynccontextmanager
async def use(db: Database, ring: Keyring, credential_id: int) -> AsyncIterator[str]:
    """The value, within the block; meanwhile it is taken out of all that is logged, stored or sent to a model.

    Holds no transaction. Raises NotFound, CredentialUnreadable.
    """
    async with db.write() as session:
        row = await _row(session, credential_id)
        name, value = f"credential {row.provider}/{row.label}", ring.decrypt(row.encrypted)
        row.used_at = now()
    with KNOWN.knowing(name, value):
        yield value


async def delete(session: AsyncSession, credential_id: int, actor: str) -> None:
    """Nothing of the value stays; the event tells that there was one. Raises NotFound, Conflict for one that signs."""
    row = await _row(session, credential_id)
    if await session.scalar(sa.select(sa.exists().where(NoticeSettings.credential_id == credential_id))):
        raise Conflict(
            "The inbox's webhook is signed with this.",
            "Set another secret, or null for none, with PATCH /notices/settings.",
        )
    await session.delete(row)
    about = {"provider": row.provider, "label": row.label}
    await log.append(session, "credential.deleted", actor=actor, credential_id=row.id, **about, **gone(**about))


async def _row(session: AsyncSession, credential_id: int) -> Credential:
    row = await session.get(Credential, credential_id)
    if row is None:
        raise NotFound(f"There is no credential {credential_id}.", "Look at the list for those there are.")
    return row
