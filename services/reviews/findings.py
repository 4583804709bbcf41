"""Keep the findings of a task: filed once, fixed when a later run no longer sees them, opened again when it does."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_result import ReportedFinding
from services.domain.severity import Severity, priority_of
from services.domain.states import FINDING, FindingState
from services.events import log
from services.store.models import Finding, Run, Task

SETTLED = (FindingState.WAIVED, FindingState.DUPLICATE)


async def file_findings(
    session: AsyncSession, task: Task, run: Run, reported: Sequence[ReportedFinding]
) -> list[Finding]:
    """Files what the run reported, and closes what this stage reported before and does not see any more."""
    known = {
        row.fingerprint: row
        for row in (await session.scalars(sa.select(Finding).where(Finding.task_id == task.id))).all()
    }
    seen: list[Finding] = []
    for report in reported:
        row = known.get(report.fingerprint)
        if row is None:
            row = Finding(
                project_id=task.project_id,
                task_id=task.id,
                run_id=run.id,
                stage=run.stage,
                round=task.round,
                state=FindingState.OPEN,
                **report.model_dump(exclude={"new"}),
            )
            session.add(row)
            await session.flush()
            await _tell(session, "finding.filed", task, run, row)
        elif row.state == FindingState.FIXED:
            row.state, row.run_id, row.round = FINDING.check(FindingState.FIXED, FindingState.OPEN), run.id, task.round
            row.message = report.message
            await _tell(session, "finding.reopened", task, run, row)
        seen.append(row)
    gone = [r for r in known.values() if r.stage == run.stage and r.state == FindingState.OPEN and r not in seen]
    for row in gone:
        row.state, row.fixed_run_id = FindingState.FIXED, run.id
        await _tell(session, "finding.fixed", task, run, row)
    still_open = [row for row in seen if row.state == FindingState.OPEN]
    task.priority = priority_of([Severity(row.severity) for row in still_open], task.priority)
    return still_open


async def what_is_known(session: AsyncSession, task: Task) -> tuple[frozenset[str], frozenset[str]]:
    """Fingerprints of the task's findings: those a person settled, and those that had a round to be fixed in."""
    query = sa.select(Finding.fingerprint, Finding.state, Finding.round).where(Finding.task_id == task.id)
    rows = (await session.execute(query)).all()
    settled = frozenset(row.fingerprint for row in rows if row.state in SETTLED)
    told = frozenset(row.fingerprint for row in rows if row.state == FindingState.OPEN and row.round < task.round)
    return settled, told


async def open_findings(session: AsyncSession, task_id: int) -> Sequence[Finding]:
    query = sa.select(Finding).where(Finding.task_id == task_id, Finding.state == FindingState.OPEN)
    return (await session.scalars(query.order_by(Finding.id))).all()


async def _tell(session: AsyncSession, kind: str, task: Task, run: Run, row: Finding) -> None:
    data = {"finding_id": row.id, "finding": row.title, "severity": row.severity}
    await log.of_run(session, kind, run, task, **data)
