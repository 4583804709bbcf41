"""Rows for tests, one factory a noun: sensible values, keyword overrides, flushed in the caller's transaction."""

import itertools
import uuid
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import (
    ApprovalState,
    FindingState,
    HandoffState,
    PlanState,
    RequestState,
    RunState,
    TaskState,
)
from services.store.models import (
    Approval,
    Comment,
    Criterion,
    Finding,
    Handoff,
    Plan,
    Project,
    Proof,
    Request,
    Row,
    Run,
    Task,
    TaskDependency,
    WorkflowRow,
)

R = TypeVar("R", bound=Row)
_numbers = itertools.count(1)
STAGES: list[dict[str, Any]] = [
    {"name": "backlog", "title": "Backlog"},
    {"name": "dev", "title": "DEV", "role": "dev", "wip": 5},
    {"name": "deploy", "title": "DEPLOY", "wip": 10},
    {"name": "done", "title": "Done"},
]


async def _keep(session: AsyncSession, row: R) -> R:
    session.add(row)
    await session.flush()
    return row


async def make_workflow(session: AsyncSession, **values: Any) -> WorkflowRow:
    """The newest row of the name is reused, as projects of one hub share it."""
    name = values.get("name", "small")
    found = await session.scalar(
        sa.select(WorkflowRow).where(WorkflowRow.name == name).order_by(WorkflowRow.version.desc()).limit(1)
    )
    if found is not None:
        return found
    definition = {"name": name, "title": name.title(), "start": "dev", "stages": STAGES}
    defaults = {"name": name, "version": 1, "source": "", "sha256": "0" * 64, "definition": definition}
    return await _keep(session, WorkflowRow(**{**defaults, **values}))


async def make_project(session: AsyncSession, **values: Any) -> Project:
    number = next(_numbers)
    if "workflow_id" not in values:
        values["workflow_id"] = (await make_workflow(session)).id
    defaults = {"name": f"Project {number}", "key": f"P{number}", "workspace_path": f"/nowhere/project-{number}"}
    return await _keep(session, Project(**{**defaults, **values}))


async def make_task(session: AsyncSession, project: Project | None = None, **values: Any) -> Task:
    project = project or await make_project(session)
    number = values.get("number", project.next_task_number)
    project.next_task_number = number + 1
    defaults = {
        "project_id": project.id, "workflow_id": project.workflow_id, "number": number,
        "key": f"{project.key}-{number}", "title": f"Task {number}", "stage": "backlog", "state": TaskState.IDLE,
    }  # fmt: skip
    return await _keep(session, Task(**{**defaults, **values}))


async def make_dependency(session: AsyncSession, task: Task, blocked_by: Task) -> TaskDependency:
    return await _keep(session, TaskDependency(task_id=task.id, blocked_by_id=blocked_by.id))


async def make_criterion(session: AsyncSession, task: Task, **values: Any) -> Criterion:
    defaults = {"task_id": task.id, "position": next(_numbers), "text": "It works", "check": "pytest"}
    return await _keep(session, Criterion(**{**defaults, **values}))


async def make_comment(session: AsyncSession, task: Task, **values: Any) -> Comment:
    return await _keep(session, Comment(**{"task_id": task.id, "author": "person", "body": "Looks right.", **values}))


async def make_request(session: AsyncSession, project: Project | None = None, **values: Any) -> Request:
    project = project or await make_project(session)
    defaults = {"project_id": project.id, "text": "Add a greeting.", "state": RequestState.NEW}
    return await _keep(session, Request(**{**defaults, **values}))


async def make_plan(session: AsyncSession, request: Request | None = None, **values: Any) -> Plan:
    request = request or await make_request(session, state=RequestState.PLANNED)
    defaults = {
        "project_id": request.project_id, "request_id": request.id, "state": PlanState.WAITING,
        "summary": "Three small tasks.", "body": {"tasks": []},
    }  # fmt: skip
    return await _keep(session, Plan(**{**defaults, **values}))


async def make_run(session: AsyncSession, task: Task | None = None, **values: Any) -> Run:
    task = task or await make_task(session)
    defaults = {
        "id": str(uuid.uuid4()), "project_id": task.project_id, "task_id": task.id, "stage": "dev", "role": "dev",
        "state": RunState.QUEUED,
    }  # fmt: skip
    return await _keep(session, Run(**{**defaults, **values}))


async def make_handoff(session: AsyncSession, task: Task, **values: Any) -> Handoff:
    defaults = {"task_id": task.id, "from_stage": "dev", "to_stage": "deploy", "state": HandoffState.CREATED}
    return await _keep(session, Handoff(**{**defaults, **values}))


async def make_proof(session: AsyncSession, run: Run, **values: Any) -> Proof:
    defaults = {
        "project_id": run.project_id, "task_id": run.task_id, "run_id": run.id, "step": "tests", "stage": run.stage,
        "kind": "test_result", "name": "junit.xml", "sha256": f"{next(_numbers):064x}", "size": 12,
        "media_type": "application/xml",
    }  # fmt: skip
    return await _keep(session, Proof(**{**defaults, **values}))


async def make_finding(session: AsyncSession, task: Task, **values: Any) -> Finding:
    defaults = {
        "project_id": task.project_id, "task_id": task.id, "stage": "dev", "tool": "pytest", "rule": "failed",
        "severity": "high", "title": "A test fails", "fingerprint": f"f{next(_numbers)}", "state": FindingState.OPEN,
    }  # fmt: skip
    return await _keep(session, Finding(**{**defaults, **values}))


async def make_approval(session: AsyncSession, task: Task, **values: Any) -> Approval:
    defaults = {"project_id": task.project_id, "task_id": task.id, "stage": "deploy", "state": ApprovalState.ASKED}
    return await _keep(session, Approval(**{**defaults, **values}))
