"""Findings over HTTP."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import ReadSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.schemas.shape import Id
from main_api.schemas.task import FindingOut
from services.store.models import Finding

router = APIRouter(prefix="/findings", tags=["findings"])
FindingPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "severity", "state", first="-id"))]


@router.get("", summary="List the findings, newest first", responses=listed(), response_model=list[FindingOut])
async def list_findings(
    session: ReadSession,
    paging: FindingPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    state: str | None = None,
    severity: str | None = None,
) -> Sequence[Finding]:
    query = where(sa.select(Finding), Finding, project_id=project_id, task_id=task_id, state=state, severity=severity)
    return await page(session, query, paging)


@router.get("/{finding_id}", summary="One finding", responses=documented(404), response_model=FindingOut)
async def read_finding(session: ReadSession, finding_id: Id) -> Finding:
    return await one(session, Finding, finding_id, "finding")
