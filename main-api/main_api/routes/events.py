"""Events over HTTP; the live stream is `/ws/events`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from main_api.deps import ReadSession
from main_api.errors import documented
from main_api.schemas.event import EventOut
from main_api.schemas.shape import MAX_ID, Id, Word
from services.events import log
from services.store.models import Event

router = APIRouter(prefix="/events", tags=["events"])


@router.get("", summary="Events after a number, oldest first", responses=documented(), response_model=list[EventOut])
async def list_events(
    session: ReadSession,
    after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    project_id: Id | None = None,
    task_id: Id | None = None,
    run_id: Annotated[str | None, Query(max_length=100)] = None,
    kind: Annotated[list[Word] | None, Query(description="Any of these", examples=[["task.moved"]])] = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> Sequence[Event]:
    """Those of deleted tasks and projects too. Go on with `after`, the last `seq` you saw."""
    return await log.after(
        session, after, project_id=project_id, task_id=task_id, run_id=run_id, kinds=kind or (), limit=limit
    )
