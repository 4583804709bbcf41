"""The history over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from main_api.deps import ReadSession
from main_api.errors import documented
from main_api.schemas.history import FactOut, HistoryOut
from main_api.schemas.shape import MAX_ID, Id, Time
from services.events.history import Asked, read_history
from services.store.models import Event

router = APIRouter(prefix="/history", tags=["events"])
Kind = Annotated[str, Query(max_length=60)]


@router.get("", summary="Who did what, when, and what it changed: newest first", responses=documented())
async def history(
    session: ReadSession,
    project_id: Id | None = None,
    task_id: Id | None = None,
    who: Annotated[str | None, Query(max_length=100, examples=["person"])] = None,
    kind: Annotated[
        list[Kind] | None, Query(description="Any of these: `task.moved`, or `task` for all of them")
    ] = None,
    since: Time | None = None,
    until: Time | None = None,
    before: Annotated[int | None, Query(ge=1, le=MAX_ID, description="`next` of the page before this one")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HistoryOut:
    """Of deleted tasks and projects too. `who=person` is all that people did."""
    asked = Asked(project_id, task_id, who, kind or (), since, until, before)
    rows = await read_history(session, asked, limit + 1)
    shown = rows[:limit]
    return HistoryOut(items=[_fact(row) for row in shown], next=shown[-1].seq if len(rows) > limit else None)


def _fact(row: Event) -> FactOut:
    about = dict(row.data)
    before, after = _fields(about.pop("before", None)), _fields(about.pop("after", None))
    return FactOut(
        seq=row.seq, at=row.at, who=row.actor, kind=row.kind, project_id=row.project_id, task_id=row.task_id,
        run_id=row.run_id, before=before, after=after, about=about,
    )  # fmt: skip


def _fields(told: Any) -> dict[str, Any] | None:
    """Merges tell the commit that was there before them alone."""
    return {"commit": told} if isinstance(told, str) else told
