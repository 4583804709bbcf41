"""What runs found and looked at counts no more where a person took the work of these runs away."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.states import FINDING, FindingState
from services.events import log
from services.reviews.findings import PERSON
from services.store.models import Criterion, Finding, Run, Task
from services.store.types import now


async def void_work_since(session: AsyncSession, task: Task, run: Run, actor: str, note: str) -> None:
    """The run's work and that of all later ones is gone: what they found is void, what they had fixed or met is not.

    What a person found or ticked stays.
    """
    since = sa.select(Run.id).where(
        Run.task_id == task.id,
        (Run.queued_at > run.queued_at) | ((Run.queued_at == run.queued_at) & (Run.id >= run.id)),
    )
    gone = frozenset((await session.scalars(since)).all())
    await _void(session, task, gone, actor, note)
    known = Finding.task_id == task.id, Finding.state == FindingState.FIXED, Finding.fixed_run_id.in_(gone)
    for row in (await session.scalars(sa.select(Finding).where(*known))).all():
        if row.run_id not in gone:
            row.fixed_run_id = None
            await _decide(session, task, row, FindingState.OPEN, "finding.open", actor, note)
    unmet = sa.update(Criterion).where(Criterion.task_id == task.id, Criterion.run_id.in_(gone))
    await session.execute(unmet.values(met=None, evidence="", proof_id=None, version=Criterion.version + 1))


async def void_all_work(session: AsyncSession, task: Task, actor: str, note: str) -> None:
    """Nothing of the task's work is left where it was found: the findings of its runs are void."""
    every = sa.select(Run.id).where(Run.task_id == task.id)
    await _void(session, task, frozenset((await session.scalars(every)).all()), actor, note)


async def _void(session: AsyncSession, task: Task, runs: frozenset[str], actor: str, note: str) -> None:
    """What stands on the base too is no work of the task's, and what has a task of its own is that one's."""
    query = sa.select(Finding).where(
        Finding.task_id == task.id, Finding.state == FindingState.OPEN, Finding.run_id.in_(runs),
        Finding.on_base.is_(False), Finding.own_task_id.is_(None), Finding.tool != PERSON,
    )  # fmt: skip
    for row in (await session.scalars(query.order_by(Finding.id))).all():
        await _decide(session, task, row, FindingState.VOID, "finding.void", actor, note)


async def _decide(
    session: AsyncSession, task: Task, row: Finding, state: FindingState, kind: str, actor: str, note: str
) -> None:
    was, row.state = row.state, FINDING.check(FindingState(row.state), state)
    row.note, row.decided_by, row.decided_at = note, actor, now()
    told = {"finding_id": row.id, "finding": row.title, "severity": row.severity, "note": note}
    await log.of_task(session, kind, task, actor=actor, **told, **changed(state=(was, state)))
