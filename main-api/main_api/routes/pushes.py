"""What goes out to a project's remote after a merge, where its owner said so (settings: push_after_merge)."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.schemas.push import PushOut
from main_api.schemas.shape import Id
from services.projects.edit import get_project, project_at_work
from services.pushes.queue import push_again
from services.store.models import Push

router = APIRouter(prefix="/projects/{project_id}", tags=["projects"])
PushPage = Annotated[Paging, Depends(sorted_by("id", "created_at", first="-id"))]


@router.get(
    "/pushes", summary="What was pushed, and what waits to be", responses=listed(404), response_model=list[PushOut]
)
async def list_pushes(session: ReadSession, paging: PushPage, project_id: Id) -> Sequence[Push]:
    await get_project(session, project_id)
    return await page(session, sa.select(Push).where(Push.project_id == project_id), paging)


@router.post(
    "/push", status_code=202, summary="Push what waits at once", responses=documented(404, 409), response_model=PushOut
)
async def push_now(session: WriteSession, project_id: Id) -> Push:
    """Whatever it waits for: a remote that was away, or one that refused. By your own git, and never by force."""
    return await push_again(session, await project_at_work(session, project_id), actor=OWNER)
