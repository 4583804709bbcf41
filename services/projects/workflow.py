"""Which workflow a project's new tasks go through. Only its owner chooses; a file in its workspace is read when they
say so, and never by itself: text from a repository must not change what stands between an agent and the main branch."""

import asyncio
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.domain.states import OPEN_TASK
from services.roles.definition import MAX_BYTES
from services.roles.errors import WorkflowFile
from services.roles.versions import digest_of, version_of
from services.store.models import Project, Task, WorkflowRow

FileState = Literal["none", "same", "differs", "missing"]
USUAL_FILE = ".wfhub/workflow.yaml"


@dataclass(frozen=True)
class InUse:
    """A workflow that open tasks of a project go through, and how many they are."""

    workflow: str
    version: int
    tasks: int


async def everybodys(session: AsyncSession, name: str, version: int | None = None) -> WorkflowRow:
    """A workflow that is no project's own. Raises NotFound, InvalidInput."""
    return _usable(await version_of(session, name, version), None)


async def usable_by(session: AsyncSession, project: Project, name: str, version: int | None = None) -> WorkflowRow:
    """A workflow of everybody's or the project's own. Raises NotFound, InvalidInput."""
    return _usable(await version_of(session, name, version), project.id)


def _usable(row: WorkflowRow, project_id: int | None) -> WorkflowRow:
    if row.project_id is not None and row.project_id != project_id:
        raise InvalidInput(
            f"The workflow {row.name} belongs to another project.", "Export it, and import it for this one."
        )
    return row


async def in_use(session: AsyncSession, project_id: int) -> list[InUse]:
    query = (
        sa.select(WorkflowRow.name, WorkflowRow.version, sa.func.count())
        .join(Task, Task.workflow_id == WorkflowRow.id)
        .where(Task.project_id == project_id, Task.state.in_(OPEN_TASK), Task.deleted_at.is_(None))
        .group_by(WorkflowRow.name, WorkflowRow.version)
        .order_by(WorkflowRow.name, WorkflowRow.version)
    )
    return [InUse(*row) for row in await session.execute(query)]


async def told_of_change(session: AsyncSession, project: Project, row: WorkflowRow) -> str:
    """What a change of its workflow means for the project's tasks, in a sentence or two."""
    kept = [one for one in await in_use(session, project.id) if (one.workflow, one.version) != (row.name, row.version)]
    new = f"New tasks of {project.key} go through {row.name} version {row.version}."
    if not kept:
        return new
    count = sum(one.tasks for one in kept)
    theirs = ", ".join(f"{one.workflow} version {one.version}" for one in kept)
    tasks = "Its open task keeps" if count == 1 else f"Its {count} open tasks keep"
    return f"{new} {tasks} what {'it' if count == 1 else 'they'} began with: {theirs}."


async def read_file(workspace: str, file: str) -> str:
    """The text of a workflow file in a project's workspace, as it stands there now. Raises WorkflowFile."""
    return await asyncio.to_thread(_read, Path(workspace), file)


def _read(workspace: Path, file: str) -> str:
    parts = PurePosixPath(file).parts
    if not parts or file.startswith("/") or ".." in parts or ".git" in parts or "\0" in file:
        raise WorkflowFile(f"{file!r} is no path below the workspace.", f"Give for instance {USUAL_FILE}.")
    path = workspace / file
    try:
        inside = path.resolve().is_relative_to(workspace.resolve())
        if not inside or not path.is_file():
            said = "leads out of" if not inside else "is no file in"
            raise WorkflowFile(f"{file} {said} the workspace {workspace}.", "Put the workflow there, or name its file.")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise WorkflowFile(f"{file} can't be read: {error.strerror}.", "Look at its permissions.") from error
    if len(data) > MAX_BYTES:
        raise WorkflowFile(f"{file} is larger than {MAX_BYTES // 1024} KiB.", "A workflow is a short text.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise WorkflowFile(f"{file} is not written in UTF-8.", "Save it as UTF-8.") from error


async def file_state(workspace: str, row: WorkflowRow) -> FileState:
    """How the file a project's own workflow came from stands to what was taken: same, differs, missing, or none."""
    if row.project_id is None or not row.file:
        return "none"
    try:
        return "same" if digest_of(await read_file(workspace, row.file)) == row.sha256 else "differs"
    except WorkflowFile:
        return "missing"
