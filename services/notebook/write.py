"""Brings a project's notebook up to date: files by a thread, so that nobody waits for a disk."""

import asyncio
from pathlib import Path

import structlog

from services.events.output import RunOutput
from services.notebook.content import README, Ended, checkpoints_json, ended_runs, log_of, tasks_json
from services.notebook.folder import folder_in, keep_only, put, size_of, top
from services.repos.repos import Repos
from services.repos.workspace import own_folder_ready
from services.store.database import Database
from services.store.models import Project

log = structlog.get_logger(__name__)
NAME = ".workflow"


async def write_notebook(db: Database, repos: Repos, output: RunOutput, project_id: int, most_bytes: int) -> bool:
    """Whether it was written. Not where the workspace is gone, or its owner tracks files of that name in git.

    Raises OSError where the folder can't be written, or something else has its name; HubError of git.
    """
    async with db.read() as session:
        project = await session.get(Project, project_id)
        if project is None or project.deleted_at is not None:
            return False
        files = {"README.md": README.encode(), "tasks.json": await tasks_json(session, project)}
        files["checkpoints.json"] = await checkpoints_json(session, project)
        runs = await ended_runs(session, project)
    workspace = Path(project.workspace_path)
    if not (workspace / ".git").exists() or not await own_folder_ready(repos.depot.git, workspace):
        return False
    await asyncio.to_thread(_write, workspace, files, runs, output, most_bytes)
    return True


def _write(workspace: Path, files: dict[str, bytes], runs: list[Ended], output: RunOutput, most_bytes: int) -> None:
    with top(str(workspace)) as above, folder_in(above, NAME) as folder:
        for name, data in files.items():
            put(folder, name, data)
        with folder_in(folder, "logs") as logs:
            _write_logs(logs, runs, output, most_bytes)


def _write_logs(folder: int, runs: list[Ended], output: RunOutput, most_bytes: int) -> None:
    """Of the newest runs, as many as there is room for; what is over doesn't change, so each is written once."""
    kept: set[str] = set()
    for run in runs:
        data = b""
        size = size_of(folder, run.name)
        if size is None:
            data = log_of(output, run)
            size = len(data)
        if size > most_bytes:
            break
        if data:
            put(folder, run.name, data)
        most_bytes -= size
        kept.add(run.name)
    keep_only(folder, kept)
