"""Findings over HTTP."""

from collections.abc import Sequence

import sqlalchemy as sa
from fastapi import APIRouter

from main_api.deps import Page, ReadSession
from main_api.errors import documented
from main_api.reads.rows import one, page, where
from main_api.schemas.task import FindingOut
from services.store.models import Finding

router = APIRouter(prefix="/findings", tags=["findings"])


@router.get("", summary="List the findings, newest first", responses=documented(), response_model=list[FindingOut])
async def list_findings(
    session: ReadSession,
    paging: Page,
    project_id: int | None = None,
    task_id: int | None = None,
    state: str | None = None,
    severity: str | None = None,
) -> Sequence[Finding]:
    query = where(sa.select(Finding), Finding, project_id=project_id, task_id=task_id, state=state, severity=severity)
    return await page(session, query.order_by(Finding.id.desc()), paging)


@router.get("/{finding_id}", summary="One finding", responses=documented(404), response_model=FindingOut)
async def read_finding(session: ReadSession, finding_id: int) -> Finding:
    return await one(session, Finding, finding_id, "finding")
