"""A task's context over HTTP: all of it in one answer, and what was learned on it."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.context import read_context
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one
from main_api.schemas.context import ContextOut, ContextUpdatedOut, NoteOut, UpdateContextIn
from main_api.schemas.shape import Id
from services.notes.add import add_notes
from services.store.models import Task, TaskNote

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])
NotePage = Annotated[Paging, Depends(sorted_by("id", first="id", limit=500))]


@router.get("/context", summary="All that whoever works on a task should know", responses=documented(404))
async def get_context(hub: Hub, task_id: Id) -> ContextOut:
    """Criteria, attachments (its request's too), comments, git, MCP hints, proofs, the last handoff, the older ones in
    short, and what was learned."""
    return await read_context(hub, task_id)


@router.post("/update-context", summary="Keep what was learned on a task", responses=documented(400, 404, 409))
async def update_context(hub: Hub, session: WriteSession, task_id: Id, body: UpdateContextIn) -> ContextUpdatedOut:
    """Notes are only added. Later runs of the task are told of them, the newest first, as far as there is room."""
    added, version = await add_notes(
        session, task_id, body.said(), OWNER, hub.settings.task_notes_max, run_id=body.run_id
    )
    return ContextUpdatedOut(version=version, added=[NoteOut.model_validate(row) for row in added])


@router.get("/notes", summary="What was learned on a task, oldest first", responses=listed(404),
            response_model=list[NoteOut])  # fmt: skip
async def list_notes(session: ReadSession, task_id: Id, paging: NotePage) -> Sequence[TaskNote]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, sa.select(TaskNote).where(TaskNote.task_id == task_id), paging)
