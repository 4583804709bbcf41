"""The board, the inbox and the header's facts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.board import read_board
from main_api.reads.statistics import read_statistics
from main_api.reads.summary import read_summary
from main_api.schemas.board import BoardOut, SummaryOut
from main_api.schemas.shape import Id
from main_api.schemas.statistics import StatisticsOut

router = APIRouter(tags=["board"])


@router.get("/board", summary="The board: a column per stage", response_model=BoardOut, responses=documented(404))
async def board(hub: Hub, project_id: Id | None = None) -> Response:
    """Of one project, or of all. The newest 50 done tasks are shown."""
    said = await hub.teller.look()
    async with hub.db.read() as session:  # opened only now: no transaction is held while output is read
        content = await read_board(session, project_id, said, hub.cards)
    return Response(to_json(content), media_type="application/json")


@router.get("/board/statistics", summary="What the board did in the last days", responses=documented(404))
async def board_statistics(
    session: ReadSession, project_id: Id | None = None, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> StatisticsOut:
    """Throughput, pass rate, time and cost per stage, stages above their WIP limit. Days are UTC's, today is one."""
    return await read_statistics(session, project_id, days)


@router.get("/summary", summary="Who works, what it costs, what waits", responses=documented())
async def summary(hub: Hub, session: ReadSession) -> SummaryOut:
    return await read_summary(session, hub.settings.default_model, hub.settings.budgets)
