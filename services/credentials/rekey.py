"""Encrypts everything anew with the present key: one transaction, so that a crash leaves all of it or none."""

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials.errors import CredentialUnreadable
from services.credentials.keyring import SEAL, Keyring
from services.store.models import Credential, ModelAnswer

log = structlog.get_logger(__name__)


async def rekey(session: AsyncSession, ring: Keyring, *, answers: bool = True) -> tuple[int, int]:
    """Answers how many were encrypted anew, and how many no key opens: those stay as they are.

    `answers`: the sealed answers of models too, which costs a look through them.
    """
    done = lost = 0
    rows = await session.scalars(sa.select(Credential).where(Credential.key_id != ring.key_id).with_for_update())
    for row in rows.all():
        try:
            row.encrypted, row.key_id = ring.encrypt(ring.decrypt(row.encrypted)), ring.key_id
            done += 1
        except CredentialUnreadable:
            lost += 1
            log.warning("credential.unreadable", credential_id=row.id, provider=row.provider, label=row.label)
    if answers:
        for answer in await _sealed(session):
            try:
                answer.body = ring.seal(ring.unseal(answer.body))
                done += 1
            except CredentialUnreadable:
                await session.delete(answer)  # it is only kept to save a call; the call can be made again
    await session.flush()
    return done, lost


async def _sealed(session: AsyncSession) -> list[ModelAnswer]:
    begins = sa.func.substr(ModelAnswer.body, 1, len(SEAL)) == SEAL
    return list((await session.scalars(sa.select(ModelAnswer).where(begins))).all())
