"""What hangs on a task: its runs, criteria, words, findings, handoffs, proofs, dependencies and diff."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.change import approved_change, change_of
from main_api.reads.evidence import merge_evidence, read_evidence
from main_api.reads.rows import one
from main_api.schemas.run import ProofOut, RunOut
from main_api.schemas.task import (
    CommentOut,
    CriterionOut,
    DependenciesOut,
    DiffOut,
    EvidenceOut,
    FileChangeOut,
    FindingOut,
    HandoffOut,
    TaskOut,
)
from services.store.models import Comment, Criterion, Finding, Handoff, Project, Proof, Run, Task, TaskDependency

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])
ABSENT = documented(404)


async def _of(session: AsyncSession, task_id: int, query: sa.Select[Any]) -> Sequence[Any]:
    await one(session, Task, task_id, "task")
    return (await session.scalars(query)).all()


@router.get("/runs", summary="The runs of a task, oldest first", responses=ABSENT, response_model=list[RunOut])
async def list_runs(session: ReadSession, task_id: int) -> Sequence[Run]:
    return await _of(session, task_id, sa.select(Run).where(Run.task_id == task_id).order_by(Run.queued_at, Run.id))


@router.get("/criteria", summary="What must hold", responses=ABSENT, response_model=list[CriterionOut])
async def list_criteria(session: ReadSession, task_id: int) -> Sequence[Criterion]:
    query = sa.select(Criterion).where(Criterion.task_id == task_id).order_by(Criterion.position, Criterion.id)
    return await _of(session, task_id, query)


@router.get("/comments", summary="What was said, oldest first", responses=ABSENT, response_model=list[CommentOut])
async def list_comments(session: ReadSession, task_id: int) -> Sequence[Comment]:
    query = sa.select(Comment).where(Comment.task_id == task_id, Comment.deleted_at.is_(None)).order_by(Comment.id)
    return await _of(session, task_id, query)


@router.get("/findings", summary="What runs found wrong", responses=ABSENT, response_model=list[FindingOut])
async def list_findings(session: ReadSession, task_id: int) -> Sequence[Finding]:
    return await _of(session, task_id, sa.select(Finding).where(Finding.task_id == task_id).order_by(Finding.id))


@router.get("/handoffs", summary="What was passed on", responses=ABSENT, response_model=list[HandoffOut])
async def list_handoffs(session: ReadSession, task_id: int) -> Sequence[Handoff]:
    return await _of(session, task_id, sa.select(Handoff).where(Handoff.task_id == task_id).order_by(Handoff.id))


@router.get("/proofs", summary="The evidence, oldest first", responses=ABSENT, response_model=list[ProofOut])
async def list_proofs(session: ReadSession, task_id: int) -> Sequence[Proof]:
    return await _of(session, task_id, sa.select(Proof).where(Proof.task_id == task_id).order_by(Proof.id))


@router.get("/dependencies", summary="What a task waits for, and what waits for it", responses=ABSENT)
async def read_dependencies(session: ReadSession, task_id: int) -> DependenciesOut:
    link = TaskDependency
    before = sa.select(Task).join(link, link.blocked_by_id == Task.id).where(link.task_id == task_id)
    after = sa.select(Task).join(link, link.task_id == Task.id).where(link.blocked_by_id == task_id)
    return DependenciesOut(
        blocked_by=[TaskOut.model_validate(t) for t in await _of(session, task_id, before.order_by(Task.number))],
        blocks=[TaskOut.model_validate(t) for t in await _of(session, task_id, after.order_by(Task.number))],
    )


@router.get("/evidence", summary="What was proven, and what only judged", responses=ABSENT)
async def list_evidence(hub: Hub, task_id: int) -> list[EvidenceOut]:
    """Tests, each criterion, scanners, and whether the branch merges; of the task's current round."""
    async with hub.db.read() as session:  # closed before git runs
        task = await one(session, Task, task_id, "task")
        project = await session.get_one(Project, task.project_id)
        evidence = await read_evidence(session, task, hub.proofs)
    return [*evidence, await merge_evidence(hub.repos, task, project)]


@router.get("/diff", summary="What a task's branch changes", responses=ABSENT)
async def read_diff(hub: Hub, task_id: int) -> DiffOut:
    """Empty before the first commit on its branch. Of a merged task: what was merged."""
    async with hub.db.read() as session:  # closed before git runs
        task = await one(session, Task, task_id, "task")
        approved = await approved_change(session, task)
    base, head = await change_of(hub.repos, task, approved)
    if base is None or head is None:
        return DiffOut(base_sha=base, head_sha=None, files=[], added=0, removed=0, patch="", truncated=False)
    diff = await hub.repos.diff(task.project_id, base, head)
    return DiffOut(
        base_sha=base,
        head_sha=head,
        files=[FileChangeOut.model_validate(file) for file in diff.files],
        added=diff.added,
        removed=diff.removed,
        patch=diff.patch,
        truncated=diff.truncated,
    )
