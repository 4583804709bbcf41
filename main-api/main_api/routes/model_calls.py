"""What was asked of models, over HTTP: by whom, how long it took, what it cost, and what was said."""

import asyncio
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one
from main_api.reads.traffic import Filters, filters, shown, totals
from main_api.schemas.model import TrafficDetail, TrafficOut, TrafficTotals
from main_api.schemas.shape import Id
from services.models.traffic import FILE_BYTES, FILES
from services.models.traffic_reading import bodies_of
from services.store.models import ModelCall

router = APIRouter(prefix="/model-calls", tags=["models"])
SORTS = ("id", "cost", "duration_ms", "first_byte_ms", "tokens_per_second", "tokens_in", "tokens_out")
CallPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="-id"))]
Asked = Annotated[Filters, Depends(filters)]
GONE = f"The log of calls has it no more: it keeps the newest {FILES * FILE_BYTES // 1_000_000} MB."
OFF = "Questions and answers are not kept here: MODEL_LOG_BODY_BYTES is 0."
OPEN = "It is being answered: what was said is kept when it is over."


@router.get("", summary="What was asked of models, newest first", responses=listed())
async def list_calls(session: ReadSession, paging: CallPage, asked: Asked) -> list[TrafficOut]:
    """Of all runs, and of the owner's other tools. Sums are at `GET /model-calls/totals`."""
    return await shown(session, await page(session, asked.over(sa.select(ModelCall)), paging))


@router.get("/totals", summary="How many calls there were, and what they cost together", responses=documented())
async def read_totals(session: ReadSession, asked: Asked) -> TrafficTotals:
    return await totals(session, asked)


@router.get("/{call_id}", summary="One call, with its question and its answer", responses=documented(404))
async def read_call(hub: Hub, session: ReadSession, call_id: Id) -> TrafficDetail:
    """Both without secrets, as the log of calls has them."""
    call = await one(session, ModelCall, call_id, "model-call")
    (out,) = await shown(session, [call])
    found = await asyncio.to_thread(bodies_of, hub.settings.home / "logs", call.id)
    plain = out.model_dump()
    if hub.settings.model_log_body_bytes == 0:
        return TrafficDetail(
            **plain, request=None, request_bytes=None, response=None, response_bytes=None, not_kept=OFF
        )
    if found is None:
        why = OPEN if call.outcome == "open" else GONE
        return TrafficDetail(
            **plain, request=None, request_bytes=None, response=None, response_bytes=None, not_kept=why
        )
    return TrafficDetail(
        **plain, request=found.request, request_bytes=found.request_bytes, response=found.response,
        response_bytes=found.response_bytes, not_kept="",
    )  # fmt: skip
