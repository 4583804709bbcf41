"""Requests over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.model_choice import as_kept
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.request import RequestDetail, RequestIn, RequestOut
from main_api.schemas.shape import Id
from services.requests import decide
from services.requests.create import create_request
from services.store.models import Plan, Request

router = APIRouter(prefix="/requests", tags=["requests"])
RequestPage = Annotated[Paging, Depends(sorted_by("id", "updated_at", "created_at", first="-id"))]


@router.get("", summary="List the requests, newest first", responses=listed(), response_model=list[RequestOut])
async def list_requests(
    session: ReadSession, paging: RequestPage, project_id: Id | None = None, state: str | None = None
) -> Sequence[Request]:
    query = where(sa.select(Request), Request, project_id=project_id, state=state)
    return await page(session, query, paging)


@router.post(
    "", status_code=201, summary="Ask for something in plain words", responses=documented(400, 404),
    response_model=RequestOut,
)  # fmt: skip
async def post_request(hub: Hub, session: WriteSession, body: RequestIn) -> Request:
    """The PM answers with a plan, which waits for your approval."""
    models = as_kept(hub, body.models)
    return await create_request(session, body.project_id, body.text, body.kind, OWNER, models)


@router.get("/{request_id}", summary="One request and its plans", responses=documented(404))
async def read_request(session: ReadSession, request_id: Id) -> RequestDetail:
    request = await one(session, Request, request_id, "request")
    plans = await session.scalars(sa.select(Plan.id).where(Plan.request_id == request.id).order_by(Plan.number))
    return RequestDetail(**RequestOut.model_validate(request).model_dump(), plan_ids=list(plans))


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
