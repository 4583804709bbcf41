"""Findings over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from main_api.deps import OWNER, ReadSession, WriteSession
from main_api.errors import documented
from main_api.reads.findings import Filter, FindingPage
from main_api.reads.paging import listed, page
from main_api.reads.rows import one
from main_api.schemas.request import NoteIn
from main_api.schemas.shape import Id
from main_api.schemas.task import DuplicateIn, FindingOut, TaskOut, WaiveIn
from services.reviews import decide_finding
from services.store.models import Finding, Task

router = APIRouter(prefix="/findings", tags=["findings"])


Wanted = Annotated[Filter, Depends()]


@router.get("", summary="List the findings, newest first", responses=listed(), response_model=list[FindingOut])
async def list_findings(
    session: ReadSession, paging: FindingPage, wanted: Wanted, project_id: Id | None = None, task_id: Id | None = None
) -> Sequence[Finding]:
    return await page(session, wanted.query(project_id=project_id, task_id=task_id), paging)


@router.get("/{finding_id}", summary="One finding", responses=documented(404), response_model=FindingOut)
async def read_finding(session: ReadSession, finding_id: Id) -> Finding:
    return await one(session, Finding, finding_id, "finding")


@router.post(
    "/{finding_id}/waive", summary="Let a finding be, with a note", responses=documented(400, 404, 409),
    response_model=FindingOut,
)  # fmt: skip
async def waive(session: WriteSession, finding_id: Id, body: WaiveIn) -> Finding:
    """It counts at no gate any more. A task that waited for your look at just this goes on. Said twice, it counts
    once."""
    return await decide_finding.waive(session, finding_id, OWNER, body.note)


@router.post(
    "/{finding_id}/reopen", summary="Let a finding count again", responses=documented(404, 409),
    response_model=FindingOut,
)  # fmt: skip
async def reopen(session: WriteSession, finding_id: Id, body: NoteIn | None = None) -> Finding:
    return await decide_finding.reopen(session, finding_id, OWNER, body.note if body else "")


@router.post(
    "/{finding_id}/duplicate", summary="Say that a finding is the same as another one",
    responses=documented(400, 404, 409), response_model=FindingOut,
)  # fmt: skip
async def duplicate(session: WriteSession, finding_id: Id, body: DuplicateIn) -> Finding:
    return await decide_finding.duplicate(session, finding_id, body.of, OWNER, body.note)


@router.post(
    "/{finding_id}/task", status_code=201, summary="Make a task of a finding", responses=documented(404, 409),
    response_model=TaskOut,
)  # fmt: skip
async def make_task(session: WriteSession, finding_id: Id) -> Task:
    """In the backlog, as urgent as the finding is severe. Where it was found it counts no more; it is fixed when its
    own task is done."""
    return await decide_finding.make_task_of(session, finding_id, OWNER)
