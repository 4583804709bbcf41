"""The board, the inbox and the header's facts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.board import Asked, read_board, read_column
from main_api.reads.board_filter import OnBoard
from main_api.reads.board_order import read_place
from main_api.reads.lanes import read_lanes
from main_api.reads.statistics import read_statistics
from main_api.reads.summary import read_summary
from main_api.schemas.board import BoardOut, ColumnPieceOut, LanesOut, SummaryOut
from main_api.schemas.shape import Id
from main_api.schemas.statistics import StatisticsOut
from main_api.schemas.task import StageName

router = APIRouter(tags=["board"])
MOST_CARDS = 500  # in one answer, of each column
MOST_NAMED = 200


First = Annotated[
    int | None, Query(ge=0, le=MOST_CARDS, description="Cards of each column; the hub's BOARD_COLUMN_CARDS")
]
Named = Annotated[
    list[Id] | None, Query(max_length=MOST_NAMED, description="Only these tasks' cards, where they are wanted at all")
]
Cursor = Annotated[str | None, Query(max_length=500, description="The `next` of the piece before")]


@router.get("/board", summary="The board: a column per stage", response_model=BoardOut, responses=documented(404))
async def board(
    hub: Hub, wanted: OnBoard, project_id: Id | None = None, first: First = None, task: Named = None
) -> Response:
    """Of one project, or of all: each column's first cards, its counts, and where more are found.

    With `task`, given as often as there are tasks, an event's news are read: their cards and all counts.
    """
    asked = Asked(hub.settings.board_column_cards if first is None else first, task, wanted)
    said = await hub.teller.look()
    async with hub.db.read() as session:  # opened only now: no transaction is held while output is read
        content = await read_board(session, project_id, said, hub.cards, asked)
    return Response(to_json(content), media_type="application/json")


@router.get(
    "/board/columns/{stage}", summary="Further cards of a column", response_model=ColumnPieceOut,
    responses=documented(400, 404),
)  # fmt: skip
async def board_column(
    hub: Hub,
    stage: StageName,
    wanted: OnBoard,
    project_id: Id | None = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CARDS)] = 100,
) -> Response:
    """Pieces hang on the last card's place, not on a count: cards that come or go meanwhile shift nothing."""
    after = None if cursor is None else read_place(cursor)
    said = await hub.teller.look()
    async with hub.db.read() as session:
        content = await read_column(session, project_id, stage, after, limit, said, hub.cards, wanted)
    return Response(to_json(content), media_type="application/json")


@router.get("/board/lanes", summary="The plans that have cards on the board", responses=documented(404))
async def board_lanes(
    session: ReadSession,
    wanted: OnBoard,
    project_id: Id | None = None,
    before: Annotated[Id | None, Query(description="Plans older than this one")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 30,
) -> LanesOut:
    """The cards of a lane are those of `GET /board?plan_id=`."""
    return await read_lanes(session, project_id, wanted, before, limit)


@router.get("/board/statistics", summary="What the board did in the last days", responses=documented(404))
async def board_statistics(
    session: ReadSession, project_id: Id | None = None, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> StatisticsOut:
    """Throughput, pass rate, time and cost per stage, stages above their WIP limit. Days are UTC's, today is one."""
    return await read_statistics(session, project_id, days)


@router.get("/summary", summary="Who works, what it costs, what waits", responses=documented())
async def summary(hub: Hub, session: ReadSession) -> SummaryOut:
    return await read_summary(session, hub.settings.default_model, hub.settings.budgets)
