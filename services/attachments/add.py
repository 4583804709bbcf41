"""Hang a file on something."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.attachments.owner import Owner
from services.domain.changes import made
from services.domain.errors import Conflict
from services.events import log
from services.files.names import file_name
from services.store.models import Attachment

MOST_ON_ONE = 200


async def add_attachment(
    session: AsyncSession, owner: Owner, *, name: str, description: str, media_type: str, sha256: str, size: int,
    actor: str,
) -> Attachment:  # fmt: skip
    """The row of a file; its bytes must be in the store when the transaction commits. Hold the store's `settling`.

    Raises Conflict when the owner has MOST_ON_ONE already.
    """
    row = Attachment(
        project_id=owner.project_id, name=file_name(name), description=description, media_type=media_type,
        sha256=sha256, size=size, created_by=actor, **{f"{owner.noun}_id": owner.id},
    )  # fmt: skip
    if await count_of(session, owner) >= MOST_ON_ONE:
        raise Conflict(
            f"The {owner.noun} has {MOST_ON_ONE} attachments already.", "Remove some, or put several into an archive."
        )
    session.add(row)
    await session.flush()
    await log.append(
        session, "attachment.added", actor=actor, project_id=owner.project_id, task_id=owner.task_id,
        attachment_id=row.id, on=owner.noun, on_id=owner.id, name=row.name, size=size, media_type=media_type,
        **made(name=row.name, description=description, size=size),
    )  # fmt: skip
    return row


async def count_of(session: AsyncSession, owner: Owner) -> int:
    query = sa.select(sa.func.count()).where(owner.column() == owner.id, Attachment.deleted_at.is_(None))
    return await session.scalar(query) or 0
