"""What hangs on a task: its runs, stages, findings, dependencies, evidence and diff. Of deleted ones too."""

from collections.abc import Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.change import approved_change, change_of
from main_api.reads.evidence import has_merge, merge_evidence, read_evidence
from main_api.reads.findings import Filter
from main_api.reads.gate import read_gate
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.prompt import read_prompt
from main_api.reads.rows import one
from main_api.reads.stage_history import read_stages
from main_api.schemas.prompt import PromptPreviewOut
from main_api.schemas.run import GateOut, RunOut
from main_api.schemas.shape import Id
from main_api.schemas.task import (
    DependenciesOut,
    DiffOut,
    EvidenceOut,
    FileChangeOut,
    FindingOut,
    TaskOut,
)
from main_api.schemas.task_words import SessionEntryOut, StageVisitOut
from services.store.models import Finding, Project, Run, Task, TaskDependency
from services.tasks.session import SessionEntry, read_session

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])
ABSENT = documented(404)


RunPage = Annotated[Paging, Depends(sorted_by("queued_at", "started_at", "finished_at", first="queued_at", limit=500))]
Role = Annotated[str | None, Query(max_length=40, examples=["dev"])]
FindingPage = Annotated[Paging, Depends(sorted_by("id", "severity", "state", first="id", limit=500))]


def _entry(entry: SessionEntry) -> SessionEntryOut:
    run = entry.run
    return SessionEntryOut.model_validate(
        {name: getattr(run, name) for name in SessionEntryOut.model_fields if hasattr(run, name)}
        | {"run_id": run.id, "commit": run.head_sha, "account": entry.account}
    )


async def _of(session: AsyncSession, task_id: int, query: sa.Select[Any]) -> Sequence[Any]:
    await one(session, Task, task_id, "task", ever=True)
    return (await session.scalars(query)).all()


@router.get("/prompt", summary="What an agent would be told of a task now", responses=documented(400, 404, 413))
async def read_task_prompt(hub: Hub, session: ReadSession, task_id: Id, role: Role = None) -> PromptPreviewOut:
    """Of the next stage where this role is asked, else where any is: each section with its tokens, what is left out and
    why. Nobody is asked for it."""
    return await read_prompt(hub, session, await one(session, Task, task_id, "task"), role)


@router.get("/runs", summary="The runs of a task, oldest first", responses=listed(404), response_model=list[RunOut])
async def list_runs(session: ReadSession, task_id: Id, paging: RunPage) -> Sequence[Run]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, sa.select(Run).where(Run.task_id == task_id), paging)


@router.get("/findings", summary="What runs found wrong", responses=listed(404), response_model=list[FindingOut])
async def list_findings(
    session: ReadSession, task_id: Id, paging: FindingPage, wanted: Annotated[Filter, Depends()]
) -> Sequence[Finding]:
    await one(session, Task, task_id, "task", ever=True)
    return await page(session, wanted.query(task_id=task_id), paging)


@router.get("/stages", summary="Where a task has stood, oldest first", responses=ABSENT)
async def list_stages(session: ReadSession, task_id: Id) -> list[StageVisitOut]:
    return await read_stages(session, await one(session, Task, task_id, "task", ever=True))


@router.get("/session", summary="What a task's agents did, run by run", responses=ABSENT)
async def read_task_session(session: ReadSession, task_id: Id, role: Role = None) -> list[SessionEntryOut]:
    """Oldest first; with `role` as later rounds of that role see it. Cancelled and lost runs did nothing."""
    await one(session, Task, task_id, "task", ever=True)
    return [_entry(entry) for entry in await read_session(session, task_id, role)]


@router.get("/dependencies", summary="What a task waits for, and what waits for it", responses=ABSENT)
async def read_dependencies(session: ReadSession, task_id: Id) -> DependenciesOut:
    link = TaskDependency
    before = sa.select(Task).join(link, link.blocked_by_id == Task.id).where(link.task_id == task_id)
    after = sa.select(Task).join(link, link.task_id == Task.id).where(link.blocked_by_id == task_id)
    return DependenciesOut(
        blocked_by=[TaskOut.model_validate(t) for t in await _of(session, task_id, before.order_by(Task.number))],
        blocks=[TaskOut.model_validate(t) for t in await _of(session, task_id, after.order_by(Task.number))],
    )


@router.get("/gate", summary="What the newest gate said, rule by rule", responses=ABSENT)
async def get_gate(session: ReadSession, task_id: Id) -> GateOut | None:
    """Of the newest run that a gate judged; null before there was one."""
    return await read_gate(session, await one(session, Task, task_id, "task", ever=True))


@router.get("/evidence", summary="What was proven, and what only judged", responses=ABSENT)
async def list_evidence(hub: Hub, task_id: Id) -> list[EvidenceOut]:
    """Tests, each criterion, scanners, proofs that its gates ask for, and whether the branch merges; of the task's
    current round. What its workflow does not look at is left out: research has no tests and no merge."""
    async with hub.db.read() as session:  # closed before git runs
        task = await one(session, Task, task_id, "task")
        project = await session.get_one(Project, task.project_id)
        evidence, merges = await read_evidence(session, task, hub.proofs), await has_merge(session, task)
    return [*evidence, await merge_evidence(hub.repos, task, project)] if merges else evidence


@router.get("/diff", summary="What a task's branch changes", responses=ABSENT)
async def read_diff(hub: Hub, task_id: Id) -> DiffOut:
    """Empty before the first commit on its branch. Of a merged task: what was merged."""
    async with hub.db.read() as session:  # closed before git runs
        task = await one(session, Task, task_id, "task")
        approved = await approved_change(session, task)
    base, head = await change_of(hub.repos, task, approved)
    if base is None or head is None:
        return DiffOut(
            base_sha=base, head_sha=None, patch_id=None, files=[], added=0, removed=0, patch="", truncated=False
        )
    diff = await hub.repos.diff(task.project_id, base, head)
    return DiffOut(
        base_sha=base,
        head_sha=head,
        patch_id=await hub.repos.patch_id(task.project_id, base, head) or None,
        files=[FileChangeOut.model_validate(file) for file in diff.files],
        added=diff.added,
        removed=diff.removed,
        patch=diff.patch,
        truncated=diff.truncated,
    )
