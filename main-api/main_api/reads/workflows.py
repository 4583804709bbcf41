"""Workflows with who uses them, and what differs between two versions."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.workflow import (
    ProjectWorkflow,
    StageField,
    WorkflowDetail,
    WorkflowDiff,
    WorkflowInUse,
    WorkflowOut,
    WorkflowVersion,
)
from services.domain.states import OPEN_TASK
from services.projects.workflow import file_state, in_use, told_of_change
from services.roles.versions import difference, version_of, versions_of
from services.store.models import Project, Task, WorkflowRow

Counts = Mapping[int, int]


async def list_workflows(session: AsyncSession) -> list[WorkflowOut]:
    """The newest version of each, by name."""
    projects, tasks = await _counts(session)
    rows = (await session.scalars(sa.select(WorkflowRow).order_by(WorkflowRow.name, WorkflowRow.version))).all()
    by_name: dict[str, list[WorkflowRow]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return [WorkflowOut(**_told(versions[-1], versions, projects, tasks)) for versions in by_name.values()]


async def read_detail(session: AsyncSession, name: str, version: int | None = None) -> WorkflowDetail:
    """That version or the newest. Raises NotFound."""
    row = await version_of(session, name, version)
    versions = list(await versions_of(session, name))
    projects, tasks = await _counts(session)
    return WorkflowDetail(
        **_told(row, versions, projects, tasks),
        sha256=row.sha256, file=row.file, source=row.source, definition=row.definition,
        versions=[
            WorkflowVersion(
                version=one.version, sha256=one.sha256, origin=one.origin, file=one.file, created_at=one.created_at,
                projects=projects.get(one.id, 0), open_tasks=tasks.get(one.id, 0),
            )
            for one in versions
        ],
    )  # fmt: skip


async def read_diff(session: AsyncSession, name: str, old: int | None, new: int | None) -> WorkflowDiff:
    """From one version, or the one before, to another, or the newest. Raises NotFound."""
    after = await version_of(session, name, new)
    before = await version_of(session, name, old or max(1, after.version - 1))
    fields = [
        StageField(where=where, old=a, new=b) for where, a, b in _differences(before.definition, after.definition)
    ]
    return WorkflowDiff(name=name, old=before.version, new=after.version, text=difference(before, after), fields=fields)


async def workflow_of_project(session: AsyncSession, project: Project) -> ProjectWorkflow:
    row = await session.get_one(WorkflowRow, project.workflow_id)
    newest = await version_of(session, row.name)
    state = await file_state(project.workspace_path, row)
    notice = await told_of_change(session, project, row)
    if state == "differs":
        notice += f" The file {row.file} differs from what was taken: PATCH the project with workflow_file to take it."
    if newest.version != row.version:
        notice += f" There is a version {newest.version}: PATCH the project with workflow to take it."
    used = [WorkflowInUse.model_validate(one) for one in await in_use(session, project.id)]
    return ProjectWorkflow(
        workflow=row.name, version=row.version, newest=newest.version, origin=row.origin, file=row.file,
        file_state=state, in_use=used, notice=notice,
    )  # fmt: skip  # pyright: ignore[reportArgumentType]


async def _counts(session: AsyncSession) -> tuple[Counts, Counts]:
    projects = sa.select(Project.workflow_id, sa.func.count()).where(Project.deleted_at.is_(None))
    tasks = sa.select(Task.workflow_id, sa.func.count()).where(Task.state.in_(OPEN_TASK), Task.deleted_at.is_(None))
    return (
        {row[0]: row[1] for row in await session.execute(projects.group_by(Project.workflow_id))},
        {row[0]: row[1] for row in await session.execute(tasks.group_by(Task.workflow_id))},
    )


def _told(row: WorkflowRow, versions: list[WorkflowRow], projects: Counts, tasks: Counts) -> dict[str, Any]:
    return {
        "name": row.name, "title": row.definition.get("title") or row.name, "version": row.version,
        "origin": row.origin, "project_id": row.project_id, "created_at": row.created_at,
        "stages": [stage["name"] for stage in row.definition["stages"]],
        "projects": sum(projects.get(one.id, 0) for one in versions),
        "open_tasks": sum(tasks.get(one.id, 0) for one in versions),
    }  # fmt: skip


def _differences(old: Any, new: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Field by field; stages and steps are told by their names."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(old.get(key), new.get(key), f"{where}.{key}" if where else str(key))
    elif _named(old) and _named(new):
        yield from _differences({one["name"]: one for one in old}, {one["name"]: one for one in new}, where)
    elif old != new:
        yield where, old, new


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)
