"""The board and the inbox over HTTP."""

from fastapi import APIRouter

from main_api.deps import ReadSession
from main_api.errors import documented
from main_api.reads.board import read_board
from main_api.reads.inbox import read_inbox
from main_api.schemas.board import BoardOut, InboxOut

router = APIRouter(tags=["board"])


@router.get("/board", summary="The board: a column per stage", responses=documented(404))
async def board(session: ReadSession, project_id: int | None = None) -> BoardOut:
    """Of one project, or of all. The newest 50 done tasks are shown."""
    return await read_board(session, project_id)


@router.get("/inbox", summary="All that waits for a person", responses=documented())
async def inbox(session: ReadSession, project_id: int | None = None) -> InboxOut:
    items = await read_inbox(session, project_id)
    return InboxOut(count=len(items), items=items)
