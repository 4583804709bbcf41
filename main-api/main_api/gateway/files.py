"""Files that people hung on requests and tasks, for the agents of the same project."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.files.store import FileStore
from services.models.direct import is_direct, project_of
from services.models.run_tokens import RunToken
from services.store.models import Attachment, Run


async def kept_file(session: AsyncSession, token: RunToken, sha256: str, store: FileStore) -> Path:
    """Where its bytes lie. Raises NotFound for what is not there, or hangs in another project, with the same words."""
    project = project_of(token.run_id) if is_direct(token.run_id) else await _project_of_run(session, token.run_id)
    query = sa.select(Attachment.size).where(
        Attachment.sha256 == sha256, Attachment.project_id == project, Attachment.deleted_at.is_(None)
    )
    size = await session.scalar(query.limit(1))
    if size is None or store.known(sha256, size) in ("missing", "tampered"):
        raise NotFound(f"This run's project has no file {sha256[:12]}.", "Upload it again.")
    return store.path(sha256)


async def _project_of_run(session: AsyncSession, run_id: str) -> int | None:
    return await session.scalar(sa.select(Run.project_id).where(Run.id == run_id))
