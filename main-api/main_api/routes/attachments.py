"""Attachments over HTTP: files on tasks, requests, comments and bugs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.downloads import SAFE, send, sent
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import where
from main_api.schemas.attachment import AttachmentFields, AttachmentOut, AttachmentPatch, form
from main_api.schemas.shape import Id
from main_api.uploads import receive
from services.attachments.add import add_attachment
from services.attachments.edit import edit_attachment, get_attachment, remove_attachment
from services.attachments.errors import AttachmentGone
from services.attachments.owner import Noun, find_owner
from services.attachments.reach import of_request, of_task
from services.files.names import PICTURES, UNKNOWN
from services.files.thumbnails import Edge
from services.store.models import Attachment

router = APIRouter(tags=["attachments"])
AttachmentPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "name", "size", first="id"))]
UPLOADED = documented(400, 404, 409, 413, 507)
FORM = form(AttachmentFields, {"file": "receipt.png", "description": "The till after the refund"})


@router.get("/attachments", summary="List the attachments", responses=listed(), response_model=list[AttachmentOut])
async def list_attachments(
    session: ReadSession,
    paging: AttachmentPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    request_id: Id | None = None,
    comment_id: Id | None = None,
    bug_id: Id | None = None,
    text: Annotated[str | None, Query(min_length=1, max_length=200, description="In the name")] = None,
) -> Sequence[Attachment]:
    query = where(
        sa.select(Attachment).where(Attachment.deleted_at.is_(None)), Attachment,
        project_id=project_id, task_id=task_id, request_id=request_id, comment_id=comment_id, bug_id=bug_id,
    )  # fmt: skip
    if text is not None:
        query = query.where(Attachment.name.icontains(text, autoescape=True))
    return await page(session, query, paging)


async def _upload(hub: Hub, request: Request, noun: Noun, owner_id: int) -> Attachment:
    """No transaction is open while the bytes come; that the owner is there is looked at before and after."""
    async with hub.db.read() as session:
        await find_owner(session, noun, owner_id)
    async with receive(request, hub.attachments, hub.settings.attachment_max_bytes) as upload:
        fields = upload.read(AttachmentFields)
        async with hub.attachments.settling, hub.db.write() as session:
            owner = await find_owner(session, noun, owner_id)
            row = await add_attachment(
                session, owner, name=upload.name, description=fields.description, media_type=upload.media_type,
                sha256=upload.file.sha256, size=upload.file.size, actor=OWNER,
            )  # fmt: skip
            await upload.file.keep()
    return row


@router.get(
    "/tasks/{task_id}/attachments", summary="The files on a task", responses=listed(404),
    response_model=list[AttachmentOut],
)  # fmt: skip
async def list_task_attachments(session: ReadSession, paging: AttachmentPage, task_id: Id) -> Sequence[Attachment]:
    """Its own, and those of the request that its plan answers: these have a `request_id`."""
    await find_owner(session, "task", task_id)
    return await page(session, of_task(task_id), paging)


@router.post(
    "/tasks/{task_id}/attachments", status_code=201, summary="Put a file on a task", responses=UPLOADED,
    response_model=AttachmentOut, openapi_extra=FORM,
)  # fmt: skip
async def attach_to_task(hub: Hub, request: Request, task_id: Id) -> Attachment:
    """Streamed to the disk, up to ATTACHMENT_MAX_BYTES. The same bytes are kept once."""
    return await _upload(hub, request, "task", task_id)


@router.get(
    "/requests/{request_id}/attachments", summary="The files on a request", responses=listed(404),
    response_model=list[AttachmentOut],
)  # fmt: skip
async def list_request_attachments(
    session: ReadSession, paging: AttachmentPage, request_id: Id
) -> Sequence[Attachment]:
    await find_owner(session, "request", request_id)
    return await page(session, of_request(request_id), paging)


@router.post(
    "/requests/{request_id}/attachments", status_code=201, summary="Put a file on a request", responses=UPLOADED,
    response_model=AttachmentOut, openapi_extra=FORM,
)  # fmt: skip
async def attach_to_request(hub: Hub, request: Request, request_id: Id) -> Attachment:
    """The PM sees it when it plans the next time, and so do the plan's tasks. See POST /requests/with-files."""
    return await _upload(hub, request, "request", request_id)


@router.post(
    "/comments/{comment_id}/attachments", status_code=201, summary="Put a file on a comment", responses=UPLOADED,
    response_model=AttachmentOut, openapi_extra=FORM,
)  # fmt: skip
async def attach_to_comment(hub: Hub, request: Request, comment_id: Id) -> Attachment:
    return await _upload(hub, request, "comment", comment_id)


@router.post(
    "/bugs/{bug_id}/attachments", status_code=201, summary="Put a file on a bug, such as a screenshot",
    responses=UPLOADED, response_model=AttachmentOut, openapi_extra=FORM,
)  # fmt: skip
async def attach_to_bug(hub: Hub, request: Request, bug_id: Id) -> Attachment:
    return await _upload(hub, request, "bug", bug_id)


@router.get(
    "/attachments/{attachment_id}", summary="One attachment", responses=documented(404), response_model=AttachmentOut
)
async def read_attachment(session: ReadSession, attachment_id: Id) -> Attachment:
    return await get_attachment(session, attachment_id)


@router.patch(
    "/attachments/{attachment_id}", summary="Rename or describe an attachment", responses=documented(400, 404, 409),
    response_model=AttachmentOut,
)  # fmt: skip
async def patch_attachment(session: WriteSession, attachment_id: Id, body: AttachmentPatch) -> Attachment:
    """A stale `version` answers 409 with the row as it is now."""
    return await edit_attachment(session, attachment_id, body.version, body.changes(), OWNER)


@router.delete(
    "/attachments/{attachment_id}", status_code=204, summary="Take an attachment away", responses=documented(404)
)
async def delete_attachment(hub: Hub, attachment_id: Id) -> None:
    """That it was there stays in the events. Its bytes go, unless another attachment has the same."""
    async with hub.attachments.settling:
        async with hub.db.write() as session:
            unused = await remove_attachment(session, attachment_id, OWNER)
        if unused is not None:
            await asyncio.to_thread(hub.attachments.remove, unused)
            await asyncio.to_thread(hub.thumbnails.forget, unused)


@router.get(
    "/attachments/{attachment_id}/download", summary="The bytes of an attachment", response_class=FileResponse,
    responses=sent(404, 410),
)  # fmt: skip
async def download_attachment(hub: Hub, request: Request, session: ReadSession, attachment_id: Id) -> Response:
    """As an attachment, in ranges if you like. Only pictures come under their own media type."""
    row = await get_attachment(session, attachment_id)
    kind = row.media_type if row.media_type in PICTURES else UNKNOWN
    path = _bytes_of(hub, row)
    return send(request, path, name=row.name, sha256=row.sha256, at=row.created_at, media_type=kind)


@router.get(
    "/attachments/{attachment_id}/thumbnail", summary="A picture made small", response_class=FileResponse,
    responses=sent(404, 410, media_type="image/png", ranges=False),
)  # fmt: skip
async def read_thumbnail(hub: Hub, attachment_id: Id, size: Edge = Edge.CARD) -> Response:
    """A PNG whose longer edge has at most `size` pixels. 404 `thumbnail_refused` where the file is no picture."""
    async with hub.db.read() as session:  # closed before the picture is decoded
        row = await get_attachment(session, attachment_id)
    made = await hub.thumbnails.of(_bytes_of(hub, row), row.sha256, size)
    return FileResponse(made, media_type="image/png", headers=SAFE)


def _bytes_of(hub: Hub, row: Attachment) -> Path:
    if hub.attachments.known(row.sha256, row.size) in ("missing", "tampered"):
        raise AttachmentGone(
            f"The file of attachment {row.id} is not in this hub's store as it was uploaded.",
            "Upload it again: its facts are kept.",
        )
    return hub.attachments.path(row.sha256)
