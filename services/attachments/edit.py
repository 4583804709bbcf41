"""Rename an attachment, describe it, or take it away."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.attachments.owner import Noun, Owner, find_owner
from services.domain.changes import gone
from services.domain.errors import InvalidInput, NotFound
from services.events import log
from services.files.names import file_name
from services.store.models import Attachment
from services.store.models.attachment import HANGS_ON
from services.store.types import now
from services.store.versions import apply_edit

EDITABLE = frozenset({"name", "description"})


async def get_attachment(session: AsyncSession, attachment_id: int, lock: bool = False) -> Attachment:
    """Raises NotFound where there is none, or it was taken away. Those of a deleted task stay readable."""
    row = await session.get(Attachment, attachment_id, with_for_update=lock or None)
    if row is None or row.deleted_at is not None:
        raise NotFound(f"There is no attachment with id {attachment_id}.")
    return row


async def owner_of(session: AsyncSession, row: Attachment) -> Owner:
    nouns: list[Noun] = [noun for noun in HANGS_ON if getattr(row, f"{noun}_id") is not None]
    noun = nouns[0]  # a constraint says: exactly one
    return await find_owner(session, noun, getattr(row, f"{noun}_id"), deleted=True)


async def edit_attachment(
    session: AsyncSession, attachment_id: int, version: int, changes: dict[str, Any], actor: str
) -> Attachment:
    """Its name or description. Raises Conflict, with the current row, when `version` is not the newest."""
    if refused := set(changes) - EDITABLE:
        raise InvalidInput(f"An attachment's {', '.join(sorted(refused))} can't be changed.", "Upload it anew.")
    if "name" in changes:
        changes = {**changes, "name": file_name(str(changes["name"]))}
    row = await get_attachment(session, attachment_id, lock=True)
    edit = await apply_edit(session, row, version, changes)
    await _told(session, "attachment.edited", row, actor, **edit.told)
    return row


async def remove_attachment(session: AsyncSession, attachment_id: int, actor: str) -> str | None:
    """The row stays, as history. Answers the hash of a file that nothing names any more, for who holds `settling`."""
    row = await get_attachment(session, attachment_id, lock=True)
    row.deleted_at = now()
    row.version += 1
    await session.flush()
    await _told(session, "attachment.removed", row, actor, **gone(name=row.name, size=row.size))
    others = sa.select(Attachment.id).where(Attachment.sha256 == row.sha256, Attachment.deleted_at.is_(None))
    return row.sha256 if await session.scalar(others.limit(1)) is None else None


async def _told(session: AsyncSession, kind: str, row: Attachment, actor: str, **data: Any) -> None:
    owner = await owner_of(session, row)
    await log.append(
        session, kind, actor=actor, project_id=owner.project_id, task_id=owner.task_id, attachment_id=row.id,
        on=owner.noun, on_id=owner.id, name=row.name, **data,
    )  # fmt: skip
