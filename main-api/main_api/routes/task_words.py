"""What a person says about a task over HTTP: its criteria and comments."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import MAX_LIMIT, Paging, listed, page, sorted_by
from main_api.reads.rows import one
from main_api.schemas.shape import Id
from main_api.schemas.task import CommentOut, CriterionOut
from main_api.schemas.task_words import CommentIn, CommentPatch, CriterionPatch, NewCriterionIn
from services.store.models import Comment, Criterion, Task
from services.tasks import comments, criteria

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])
CriterionPage = Annotated[Paging, Depends(sorted_by("position", "id", first="position", limit=MAX_LIMIT))]
CommentPage = Annotated[Paging, Depends(sorted_by("id", "updated_at", first="id", limit=MAX_LIMIT))]


@router.get("/criteria", summary="What must hold", responses=listed(404), response_model=list[CriterionOut])
async def list_criteria(session: ReadSession, task_id: Id, paging: CriterionPage) -> Sequence[Criterion]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, sa.select(Criterion).where(Criterion.task_id == task_id), paging)


@router.post(
    "/criteria", status_code=201, summary="Add a criterion", responses=documented(400, 404, 409),
    response_model=CriterionOut,
)  # fmt: skip
async def post_criterion(session: WriteSession, task_id: Id, body: NewCriterionIn) -> Criterion:
    return await criteria.add_criterion(session, task_id, actor=OWNER, **body.model_dump())


@router.patch(
    "/criteria/{criterion_id}", summary="Change a criterion, or say that it is met",
    responses=documented(400, 404, 409), response_model=CriterionOut,
)  # fmt: skip
async def patch_criterion(session: WriteSession, task_id: Id, criterion_id: Id, body: CriterionPatch) -> Criterion:
    """A new text has to be looked at anew. While a run counts the criteria their order stands."""
    return await criteria.edit_criterion(session, task_id, criterion_id, body.version, body.changes(), OWNER)


@router.delete(
    "/criteria/{criterion_id}", status_code=204, summary="Take a criterion off", responses=documented(404, 409)
)
async def remove_criterion(session: WriteSession, task_id: Id, criterion_id: Id) -> None:
    await criteria.remove_criterion(session, task_id, criterion_id, OWNER)


@router.get("/comments", summary="What was said, oldest first", responses=listed(404), response_model=list[CommentOut])
async def list_comments(session: ReadSession, task_id: Id, paging: CommentPage) -> Sequence[Comment]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(
        session, sa.select(Comment).where(Comment.task_id == task_id, Comment.deleted_at.is_(None)), paging
    )


@router.post("/comments", status_code=201, summary="Say something", responses=documented(400, 404))
async def post_comment(session: WriteSession, task_id: Id, body: CommentIn) -> CommentOut:
    """In Markdown, which is kept as it was written. The task's next run is told of it."""
    return CommentOut.model_validate(await comments.add_comment(session, task_id, body.body, OWNER))


@router.get("/comments/{comment_id}", summary="One comment", responses=documented(404), response_model=CommentOut)
async def read_comment(session: ReadSession, task_id: Id, comment_id: Id) -> Comment:
    return await comments.find_comment(session, task_id, comment_id)


@router.patch(
    "/comments/{comment_id}", summary="Change your own words", responses=documented(400, 404, 409),
    response_model=CommentOut,
)  # fmt: skip
async def patch_comment(session: WriteSession, task_id: Id, comment_id: Id, body: CommentPatch) -> Comment:
    return await comments.edit_comment(session, task_id, comment_id, body.version, body.body, OWNER)


@router.delete("/comments/{comment_id}", status_code=204, summary="Take a comment away", responses=documented(404))
async def remove_comment(session: WriteSession, task_id: Id, comment_id: Id) -> None:
    """No list shows it and no prompt tells it any more; its row stays."""
    await comments.remove_comment(session, task_id, comment_id, OWNER)
