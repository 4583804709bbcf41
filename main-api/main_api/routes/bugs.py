"""Bugs over HTTP, also from the page's widget."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import where
from main_api.schemas.bug import BugIn, BugOut, BugPatch, BugWorkIn, Severity, State
from main_api.schemas.shape import Id
from services.attachments.add import add_attachment
from services.attachments.owner import Owner
from services.bugs.edit import edit_bug, remove_bug
from services.bugs.make import make_request_of, make_task_of
from services.bugs.report import get_bug, report_bug
from services.files.incoming import Incoming
from services.files.names import media_type
from services.store.models import Bug

router = APIRouter(prefix="/bugs", tags=["bugs"])
BugPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "updated_at", "state", "severity", first="-id"))]


@router.get("", summary="List the bugs, newest first", responses=listed(), response_model=list[BugOut])
async def list_bugs(
    session: ReadSession,
    paging: BugPage,
    project_id: Id | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    text: Annotated[str | None, Query(min_length=1, max_length=200, description="In title or description")] = None,
) -> Sequence[Bug]:
    query = where(
        sa.select(Bug).where(Bug.deleted_at.is_(None)), Bug, project_id=project_id, state=state, severity=severity
    )
    if text is not None:
        query = query.where(
            Bug.title.icontains(text, autoescape=True) | Bug.description.icontains(text, autoescape=True)
        )
    return await page(session, query, paging)


@router.post(
    "", status_code=201, summary="Report a bug", responses=documented(400, 404, 413, 507), response_model=BugOut
)
async def post_bug(hub: Hub, body: BugIn) -> Bug:
    """With a screenshot if there is one, and made a task or a request at once if asked."""
    picture = body.picture()
    if picture is None:
        async with hub.db.write() as session:
            return await _made(session, await _reported(session, body), body)
    async with hub.attachments.incoming(hub.settings.attachment_max_bytes) as file:
        await file.write(picture)
        await file.finish()
        async with hub.attachments.settling, hub.db.write() as session:
            bug = await _reported(session, body)
            await _attach(session, bug, file)
            bug = await _made(session, bug, body)
            await file.keep()
    return bug


async def _reported(session: AsyncSession, body: BugIn) -> Bug:
    return await report_bug(session, actor=OWNER, **body.model_dump(exclude={"screenshot", "make"}))


async def _made(session: AsyncSession, bug: Bug, body: BugIn) -> Bug:
    if body.make is None:
        return bug
    return await (make_task_of if body.make == "task" else make_request_of)(session, bug.id, None, OWNER)


async def _attach(session: AsyncSession, bug: Bug, file: Incoming) -> None:
    kind = media_type(file.head, "", "")
    await add_attachment(
        session, Owner("bug", bug.id, bug.project_id), name=f"screenshot.{kind.removeprefix('image/')}",
        description="", media_type=kind, sha256=file.sha256, size=file.size, actor=OWNER,
    )  # fmt: skip


@router.get("/{bug_id}", summary="One bug", responses=documented(404), response_model=BugOut)
async def read_bug(session: ReadSession, bug_id: Id) -> Bug:
    return await get_bug(session, bug_id)


@router.patch("/{bug_id}", summary="Change or settle a bug", responses=documented(400, 404, 409), response_model=BugOut)
async def patch_bug(session: WriteSession, bug_id: Id, body: BugPatch) -> Bug:
    """A stale `version` answers 409 with the row as it is now."""
    return await edit_bug(session, bug_id, body.version, body.changes(), OWNER)


@router.delete("/{bug_id}", status_code=204, summary="Remove a bug", responses=documented(404))
async def delete_bug(session: WriteSession, bug_id: Id) -> None:
    """What was made of it stays."""
    await remove_bug(session, bug_id, OWNER)


@router.post(
    "/{bug_id}/task", status_code=201, summary="Make a task of a bug", responses=documented(400, 404, 409),
    response_model=BugOut,
)  # fmt: skip
async def make_task(hub: Hub, bug_id: Id, body: BugWorkIn | None = None) -> Bug:
    """In the backlog, as urgent as the bug is severe, with its screenshots."""
    async with hub.attachments.settling, hub.db.write() as session:
        return await make_task_of(session, bug_id, body.project_id if body else None, OWNER)


@router.post(
    "/{bug_id}/request", status_code=201, summary="Make a request of a bug", responses=documented(400, 404, 409),
    response_model=BugOut,
)  # fmt: skip
async def make_request(hub: Hub, bug_id: Id, body: BugWorkIn | None = None) -> Bug:
    """The PM answers it with a plan."""
    async with hub.attachments.settling, hub.db.write() as session:
        return await make_request_of(session, bug_id, body.project_id if body else None, OWNER)
