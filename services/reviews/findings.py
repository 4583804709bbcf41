"""Keep the findings of a task: filed once, fixed when a later run no longer sees them, opened again when it does."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_result import ReportedFinding
from services.domain.severity import Severity, priority_of
from services.domain.states import FINDING, FindingState
from services.events import log
from services.store.models import Finding, Run, Task
from services.store.session import Select, lacks

PERSON = "person"  # the tool of what a person commented: no run that does not see it has fixed it
GONE = (FindingState.FIXED, FindingState.VOID)  # it counts again when it is seen again
SETTLED = (FindingState.WAIVED, FindingState.DUPLICATE)
MOST_OF_BASE = 200  # findings that the merge base has already, filed by one run
LONGEST_MESSAGE = 8_000  # characters
_KNOWN = Select(Finding, lambda rows: rows.where(Finding.task_id == sa.bindparam("task")).order_by(Finding.id))


async def file_findings(
    session: AsyncSession,
    task: Task,
    run: Run,
    reported: Sequence[ReportedFinding],
    unmeasured: Collection[str] | None = (),
) -> list[Finding]:
    """Files what the run reported, and closes what this stage reported before and does not see any more.

    `unmeasured` are tools that could not look this time: what they reported before stays open. None: nothing was looked
    at to its end, so nothing is closed.
    """
    filed = [] if lacks(session, "findings", task.id) else await _KNOWN.all(session, task=task.id)
    known = {row.fingerprint: row for row in filed}
    seen: list[Finding] = []
    for report in reported:
        row = known.get(report.fingerprint)
        if row is None or row.on_base:
            row = await _file(session, task, run, report, row)
        elif row.state in GONE:
            row.state = FINDING.check(FindingState(row.state), FindingState.OPEN)
            row.run_id, row.round = run.id, task.round
            row.message = report.message[:LONGEST_MESSAGE]
            await _tell(session, "finding.reopened", task, run, row)
        row.last_round = task.round
        seen.append(row)
    for row in known.values():
        gone = row.stage == run.stage and row.state == FindingState.OPEN and row not in seen and not row.on_base
        if gone and row.tool != PERSON and unmeasured is not None and row.tool not in unmeasured:
            row.state, row.fixed_run_id = FindingState.FIXED, run.id
            await _tell(session, "finding.fixed", task, run, row)
    still_open = [row for row in seen if row.state == FindingState.OPEN and row.own_task_id is None]
    task.priority = priority_of([Severity(row.severity) for row in still_open], task.priority)
    return still_open


async def file_of_base(session: AsyncSession, task: Task, run: Run, reported: Sequence[ReportedFinding]) -> int:
    """Files what the merge base has already, once in a project: no task's doing, until a person makes one of it."""
    old = {finding.fingerprint: finding for finding in reported if not finding.new}
    if not old:
        return 0
    query = sa.select(Finding.fingerprint).where(
        Finding.project_id == task.project_id, Finding.fingerprint.in_(list(old)[: MOST_OF_BASE * 5])
    )
    known = set((await session.scalars(query)).all())
    missing = [finding for name, finding in old.items() if name not in known][:MOST_OF_BASE]
    for finding in missing:
        await _file(session, task, run, finding, None)
    return len(missing)


async def what_is_known(session: AsyncSession, task: Task) -> tuple[frozenset[str], frozenset[str]]:
    """Fingerprints of the task's findings: those a person settled, and those that had a round to be fixed in."""
    rows = await _KNOWN.all(session, task=task.id)
    settled = frozenset(row.fingerprint for row in rows if row.state in SETTLED or row.own_task_id is not None)
    told = frozenset(
        row.fingerprint for row in rows if row.state == FindingState.OPEN and row.round < task.round and not row.on_base
    )
    return settled, told


async def open_findings(session: AsyncSession, task_id: int) -> Sequence[Finding]:
    """What is this task's to fix."""
    known = await _KNOWN.all(session, task=task_id)
    return [row for row in known if row.state == FindingState.OPEN and not row.on_base and row.own_task_id is None]


async def close_own(session: AsyncSession, task: Task) -> None:
    """A task made of findings is done: they are fixed."""
    mine = sa.update(Finding).where(Finding.own_task_id == task.id, Finding.state == FindingState.OPEN)
    await session.execute(mine.values(state=FindingState.FIXED))


async def _file(session: AsyncSession, task: Task, run: Run, report: ReportedFinding, row: Finding | None) -> Finding:
    """A new row; or the one of the base, which the change has made its own."""
    lacks(session, "points", task.id)  # no more
    if row is None:
        row = Finding(project_id=task.project_id, task_id=task.id, fingerprint=report.fingerprint)
        session.add(row)
    row.run_id, row.stage, row.round, row.last_round = run.id, run.stage, task.round, task.round
    row.tool, row.rule, row.severity, row.title = report.tool, report.rule, report.severity, report.title
    row.message, row.file, row.line = report.message[:LONGEST_MESSAGE], report.file, report.line
    row.on_base, row.state = not report.new, FindingState.OPEN
    await session.flush()
    await _tell(session, "finding.filed", task, run, row)
    return row


async def _tell(session: AsyncSession, kind: str, task: Task, run: Run, row: Finding) -> None:
    data = {"finding_id": row.id, "finding": row.title, "severity": row.severity, "on_base": row.on_base}
    await log.of_run(session, kind, run, task, **data)
