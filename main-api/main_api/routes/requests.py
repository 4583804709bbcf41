"""Requests over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from fastapi import Request as HttpRequest
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.model_choice import allowed_eyes, as_kept
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.requests import is_under_way
from main_api.reads.rows import one, where
from main_api.schemas.attachment import AttachmentOut, form
from main_api.schemas.request import RequestDetail, RequestFields, RequestIn, RequestLimitsOut, RequestOut
from main_api.schemas.shape import Id
from main_api.uploads import LONGEST_FIELD, read_fields, receive_all
from services.attachments import reach
from services.attachments.add import add_attachment
from services.attachments.owner import Owner
from services.domain.states import RequestState
from services.requests import decide
from services.requests.create import KINDS, create_request
from services.store.models import Attachment, Plan, Request

router = APIRouter(prefix="/requests", tags=["requests"])
RequestPage = Annotated[Paging, Depends(sorted_by("id", "updated_at", "created_at", first="-id"))]
_EXAMPLE = {"project_id": 1, "text": "The total is wrong, see the picture.", "kind": "bug", "file": ["receipt.png"]}
FORM = form(RequestFields, _EXAMPLE, many=True)


@router.get("", summary="List the requests, newest first", responses=listed(), response_model=list[RequestOut])
async def list_requests(
    session: ReadSession,
    paging: RequestPage,
    project_id: Id | None = None,
    state: Annotated[list[RequestState] | None, Query()] = None,
    under_way: bool = False,
) -> Sequence[Request]:
    """`under_way`: those alone that the PM has or is to have, and those whose plan waits for a person."""
    query = where(sa.select(Request), Request, project_id=project_id, state=state)
    if under_way:
        query = query.where(is_under_way())
    return await page(session, query, paging)


@router.post(
    "", status_code=201, summary="Ask for something in plain words", responses=documented(400, 404),
    response_model=RequestOut,
)  # fmt: skip
async def post_request(hub: Hub, session: WriteSession, body: RequestIn) -> Request:
    """The PM answers with a plan, which waits for your approval."""
    models = as_kept(hub, body.models)
    limits = hub.settings.request_limits
    return await create_request(
        session, body.project_id, body.text, body.kind, OWNER, models, single=body.single,
        vision_model=allowed_eyes(hub, body.vision_model), limits=limits,
    )  # fmt: skip


@router.post(
    "/with-files", status_code=201, summary="Ask for something, with files", openapi_extra=FORM,
    responses=documented(400, 404, 413, 507),
)  # fmt: skip
async def post_request_with_files(hub: Hub, request: HttpRequest) -> RequestDetail:
    """As POST /requests, as a form: pictures and other files come with it in parts named `file`, and are there before
    the PM begins. All of it is kept or nothing; the limits are at GET /requests/limits."""
    settings, limits = hub.settings, hub.settings.request_limits
    longest = max(LONGEST_FIELD, limits.characters * 4 + 4)
    async with receive_all(
        request, hub.attachments, settings.attachment_max_bytes, limits.files, longest
    ) as uploads:  # no transaction is open while the bytes come
        said = read_fields(uploads.fields, RequestFields)
        vision_model = allowed_eyes(hub, said.vision_model)
        async with hub.attachments.settling, hub.db.write() as session:
            row = await create_request(
                session, said.project_id, said.text, said.kind, OWNER, single=said.single, vision_model=vision_model,
                limits=limits,
            )  # fmt: skip
            owner = Owner("request", row.id, row.project_id)
            for upload in uploads.files:
                await add_attachment(
                    session, owner, name=upload.name, description="", media_type=upload.media_type,
                    sha256=upload.file.sha256, size=upload.file.size, actor=OWNER,
                )  # fmt: skip
                await upload.file.keep()
            return await _detail(session, row)


@router.get("/limits", summary="What a request may hold", responses=documented())
async def read_limits(hub: Hub) -> RequestLimitsOut:
    limits = hub.settings.request_limits
    return RequestLimitsOut(
        kinds=list(KINDS), text_characters=limits.characters, files=limits.files, bytes=limits.bytes,
        file_bytes=min(hub.settings.attachment_max_bytes, limits.bytes),
        vision_models=list(hub.settings.vision_models),
    )  # fmt: skip


@router.get("/{request_id}", summary="One request, its plans and its files", responses=documented(404))
async def read_request(session: ReadSession, request_id: Id) -> RequestDetail:
    return await _detail(session, await one(session, Request, request_id, "request"))


async def _detail(session: AsyncSession, row: Request) -> RequestDetail:
    plans = await session.scalars(sa.select(Plan.id).where(Plan.request_id == row.id).order_by(Plan.number))
    files = await session.scalars(reach.of_request(row.id).order_by(Attachment.id))
    return RequestDetail(
        **RequestOut.model_validate(row).model_dump(),
        plan_ids=list(plans),
        attachments=[AttachmentOut.model_validate(file) for file in files],
    )


@router.post(
    "/{request_id}/retry", summary="Have a request planned again", responses=documented(404, 409),
    response_model=RequestOut,
)  # fmt: skip
async def retry_request(session: WriteSession, request_id: Id) -> Request:
    """One whose planning failed, or was stopped."""
    return await decide.ask_again(session, request_id, OWNER)


@router.post(
    "/{request_id}/close", summary="Drop a request that has no plan", responses=documented(404, 409),
    response_model=RequestOut,
)  # fmt: skip
async def close_request(session: WriteSession, request_id: Id) -> Request:
    """A run that plans it is stopped. Said twice, it counts once."""
    return await decide.drop(session, request_id, OWNER)
