"""A person reviews a task's change: comments on its lines, kept as drafts, and the verdict that sends them."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub, WriteSession
from main_api.errors import documented
from main_api.hub import HubParts
from main_api.reads.review import comments_of, moved_drafts, read_review, shown
from main_api.schemas.review import (
    ReviewCommentOut,
    ReviewCommentPatch,
    ReviewDraftIn,
    ReviewIn,
    ReviewOut,
    ReviewSentOut,
)
from main_api.schemas.shape import Id
from main_api.schemas.task import TaskOut
from services.feedback.say import check_length
from services.reviews import comments
from services.reviews.comments import Remark
from services.reviews.review import review
from services.store.models import Task
from services.tasks.change import Change, change_of_task
from services.tasks.errors import NothingToMerge
from services.tasks.hold import get_task

router = APIRouter(prefix="/tasks/{task_id}/review", tags=["reviews"])


@router.get("", summary="A task's change, as a person reviews it", responses=documented(404))
async def get_review(hub: Hub, task_id: Id) -> ReviewOut:
    """Comments of earlier rounds say whether their lines were changed since."""
    return await read_review(hub.db, hub.repos, task_id)


@router.post(
    "/comments", status_code=201, summary="Comment on lines of the change", responses=documented(400, 404, 409, 413)
)
async def post_comment(hub: Hub, task_id: Id, body: ReviewDraftIn) -> ReviewCommentOut:
    """A draft: it is sent with your verdict. Of a change that has moved meanwhile it answers 409 `change_moved`, with
    the files that differ; the drafts that there are stay."""
    check_length(body.text, hub.settings.feedback_max_characters)
    task, change = await _seen(hub, task_id, body.patch_id)
    if change is None:
        raise NothingToMerge(f"{task.key} has no change to comment on.", "Say it as a comment on the task.")
    remark = Remark(body.path, body.side, body.line, body.end_line, body.text, body.severity)
    quote = await comments.quote_of(hub.repos, task.project_id, change, remark)
    async with hub.db.write() as session:
        row = await comments.add_draft(session, task.id, change, remark, quote, actor=OWNER)
    return (await shown(hub.repos, task, change, [row], {}))[0]


@router.patch(
    "/comments/{comment_id}", summary="Change a comment that was not sent", responses=documented(404, 409, 413)
)
async def patch_comment(hub: Hub, task_id: Id, comment_id: Id, body: ReviewCommentPatch) -> ReviewCommentOut:
    changes = body.changes()
    if "text" in changes:
        check_length(body.text, hub.settings.feedback_max_characters)
    async with hub.db.write() as session:
        row = await comments.edit_draft(session, task_id, comment_id, body.version, changes, actor=OWNER)
        task = await get_task(session, task_id)
    return (await shown(hub.repos, task, await change_of_task(hub.repos, task), [row], {}))[0]


@router.delete(
    "/comments/{comment_id}", status_code=204, summary="Take a comment back that was not sent",
    responses=documented(404, 409),
)  # fmt: skip
async def remove_comment(session: WriteSession, task_id: Id, comment_id: Id) -> None:
    await comments.remove_draft(session, task_id, comment_id, actor=OWNER)


@router.post("", summary="Approve, ask for changes or reject", responses=documented(400, 404, 409))
async def post_review(hub: Hub, task_id: Id, body: ReviewIn) -> ReviewSentOut:
    """Sends the drafts with it. `request_changes`: each comment is a finding for DEV, whose next prompt has it; the
    rounds count anew. It can be asked for at any moment before the merge, and stops what runs. `approve`: the change is
    merged, comments are remarks. `reject`: the task is cancelled, its branch stays. Of a change that has moved
    meanwhile it answers 409 `change_moved`, with the files that differ; the drafts stay."""
    task, change = await _seen(hub, task_id, body.patch_id)
    async with hub.db.read() as session:
        rows = await comments_of(session, task.id)
    places = await moved_drafts(hub.repos, task, change, rows)
    async with hub.db.write() as session:
        done = await review(session, task_id, body.verdict, body.note, change, actor=OWNER, places=places)
        await session.refresh(done.task)
        return ReviewSentOut(
            task=TaskOut.model_validate(done.task), approval_id=done.approval.id if done.approval else None,
            sent=done.sent, findings=done.findings, sentence=done.sentence,
        )  # fmt: skip


async def _seen(hub: HubParts, task_id: int, patch_id: str | None) -> tuple[Task, Change | None]:
    """The task and its change, which is the one that was looked at."""
    async with hub.db.read() as session:
        task = await get_task(session, task_id)
    change = await change_of_task(hub.repos, task)
    if patch_id != (change.patch_id if change is not None else None):
        async with hub.db.read() as session:
            since = await comments.head_of(session, task, patch_id)
        if change is not None and since == change.head_sha:  # an older hub named the same patch otherwise
            return task, change
        raise await comments.moved(hub.repos, task, change, patch_id, since)
    return task, change
