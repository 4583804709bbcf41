"""Handoffs over HTTP: made, accepted, completed or failed, and their history."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import MAX_LIMIT, Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.handoff import AcceptIn, CompleteIn, FailIn, HandoffIn, HandoffMoment, HandoffOut
from main_api.schemas.shape import Id, Word
from services.domain.states import HandoffState
from services.handoffs.history import Moment, history_of
from services.handoffs.move import accept_handoff, complete_handoff, create_handoff, fail_handoff
from services.store.models import Handoff, Task

router = APIRouter(tags=["handoffs"])
SORTS = ("id", "created_at", "state")
HandoffPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="-id"))]
TaskHandoffPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="id", limit=MAX_LIMIT))]
MOVED = documented(400, 404, 409)


@router.get("/handoffs", summary="List the handoffs, newest first", responses=listed(), response_model=list[HandoffOut])
async def list_handoffs(
    session: ReadSession,
    paging: HandoffPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    state: Annotated[list[HandoffState] | None, Query()] = None,
    from_stage: Word | None = None,
    to_stage: Word | None = None,
) -> Sequence[Handoff]:
    query = where(sa.select(Handoff), Handoff, task_id=task_id, state=state, from_stage=from_stage, to_stage=to_stage)
    if project_id is not None:
        query = query.where(Handoff.task_id.in_(sa.select(Task.id).where(Task.project_id == project_id)))
    return await page(session, query, paging)


@router.get(
    "/tasks/{task_id}/handoffs", summary="What was passed on, oldest first", responses=listed(404),
    response_model=list[HandoffOut],
)  # fmt: skip
async def list_task_handoffs(session: ReadSession, paging: TaskHandoffPage, task_id: Id) -> Sequence[Handoff]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, sa.select(Handoff).where(Handoff.task_id == task_id), paging)


@router.post(
    "/tasks/{task_id}/handoffs", status_code=201, summary="Pass something on to another stage", responses=MOVED,
    response_model=HandoffOut,
)  # fmt: skip
async def post_handoff(session: WriteSession, task_id: Id, body: HandoffIn) -> Handoff:
    """The next run of that stage is told of it and accepts it. The task itself is not moved."""
    return await create_handoff(session, task_id, actor=OWNER, **body.model_dump())


@router.get("/handoffs/{handoff_id}", summary="One handoff", responses=documented(404), response_model=HandoffOut)
async def read_handoff(session: ReadSession, handoff_id: Id) -> Handoff:
    return await one(session, Handoff, handoff_id, "handoff")


@router.get(
    "/handoffs/{handoff_id}/history", summary="The life of a handoff, oldest first", responses=documented(404),
    response_model=list[HandoffMoment],
)  # fmt: skip
async def read_history(session: ReadSession, handoff_id: Id) -> list[Moment]:
    return history_of(await one(session, Handoff, handoff_id, "handoff"))


@router.post("/handoffs/{handoff_id}/accept", summary="Take it up", responses=MOVED, response_model=HandoffOut)
async def accept(session: WriteSession, handoff_id: Id, body: AcceptIn | None = None) -> Handoff:
    return await accept_handoff(session, handoff_id, OWNER, body.run_id if body else None)


@router.post("/handoffs/{handoff_id}/complete", summary="It is done with", responses=MOVED, response_model=HandoffOut)
async def complete(session: WriteSession, handoff_id: Id, body: CompleteIn | None = None) -> Handoff:
    return await complete_handoff(session, handoff_id, OWNER, body.note if body else "")


@router.post("/handoffs/{handoff_id}/fail", summary="It can't be used", responses=MOVED, response_model=HandoffOut)
async def fail(session: WriteSession, handoff_id: Id, body: FailIn) -> Handoff:
    """The task stays where it is: move it, or start a stage again."""
    return await fail_handoff(session, handoff_id, OWNER, body.note)
