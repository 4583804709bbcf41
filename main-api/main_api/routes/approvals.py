"""Approvals over HTTP: a person's word on one change."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.request import ChangesIn, WordIn
from main_api.schemas.run import ApprovalOut
from main_api.schemas.shape import Id
from services.domain.states import ApprovalState
from services.reviews import decide
from services.store.models import Approval

router = APIRouter(prefix="/approvals", tags=["approvals"])
ApprovalPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "decided_at", first="-id"))]


@router.get("", summary="List the approvals, newest first", responses=listed(), response_model=list[ApprovalOut])
async def list_approvals(
    session: ReadSession,
    paging: ApprovalPage,
    state: Annotated[list[ApprovalState] | None, Query()] = None,
    project_id: Id | None = None,
    task_id: Id | None = None,
) -> Sequence[Approval]:
    query = where(sa.select(Approval), Approval, state=state, project_id=project_id, task_id=task_id)
    return await page(session, query, paging)


@router.get("/{approval_id}", summary="One approval", responses=documented(404), response_model=ApprovalOut)
async def read_approval(session: ReadSession, approval_id: Id) -> Approval:
    return await one(session, Approval, approval_id, "approval")


@router.post(
    "/{approval_id}/approve", summary="Approve: the change is merged", responses=documented(404, 409),
    response_model=ApprovalOut,
)  # fmt: skip
async def approve(session: WriteSession, approval_id: Id, body: WordIn | None = None) -> Approval:
    """Said twice, it counts once. With `patch_id`, another change than the one you looked at is not approved
    (`change_moved`); where somebody decided otherwise before, the answer says who and when (`already_decided`)."""
    return await decide.approve(session, approval_id, OWNER, body.note if body else "", body.patch_id if body else None)


@router.post(
    "/{approval_id}/reject", summary="Reject: the task is cancelled, its branch stays", responses=documented(404, 409),
    response_model=ApprovalOut,
)  # fmt: skip
async def reject(session: WriteSession, approval_id: Id, body: WordIn | None = None) -> Approval:
    """`note` says why: it is kept with the approval, as the task's sentence and as a comment on it. Without one the
    sentence says that no reason was given. What agents are to mend is asked for by `request-changes`."""
    return await decide.reject(session, approval_id, OWNER, body.note if body else "", body.patch_id if body else None)


@router.post(
    "/{approval_id}/request-changes", summary="Send the change back with your words",
    responses=documented(400, 404, 409), response_model=ApprovalOut,
)  # fmt: skip
async def request_changes(session: WriteSession, approval_id: Id, body: ChangesIn) -> Approval:
    return await decide.ask_changes(session, approval_id, OWNER, body.note, body.patch_id)
