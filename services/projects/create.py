"""Make a project of a folder: its workspace prepared, its commands discovered, its key chosen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys.grants import check_secrets, tell_change
from services.domain.changes import made
from services.domain.errors import Conflict, InvalidInput
from services.events import log
from services.projects.discovery import discover
from services.projects.errors import WorkspaceDirty
from services.projects.keys import choose_key
from services.projects.location import locate
from services.projects.settings import checked
from services.projects.workflow import everybodys
from services.repos.methods import MergeMethod
from services.repos.repos import Repos
from services.repos.workspace import Workspace
from services.store.models import Project

MAX_NAME = 120
NAMED_FILES = 5
KEY_TRIES = 100


@dataclass(frozen=True)
class Prepared:
    """A folder that a project can stand on, and what its files tell of it."""

    workspace: Workspace
    settings: dict[str, Any]


async def prepare(
    repos: Repos, *, workspace_path: str, workspaces_dir: Path, default_branch: str | None, allow_dirty: bool
) -> Prepared:
    """Runs git, so hold no transaction. Raises what prepare_workspace raises, InvalidInput, WorkspaceForbidden,
    WorkspaceDirty."""
    path = await asyncio.to_thread(locate, workspace_path, workspaces_dir, repos.depot.home)
    workspace = await repos.prepare_workspace(path, default_branch or "")
    # a repository made just now has its files committed, but for those that may hold secrets
    if not allow_dirty and not workspace.created:
        refuse_dirty(workspace.path, workspace.dirty)
    return Prepared(workspace, (await asyncio.to_thread(discover, workspace.path)).settings())


async def create_project(
    session: AsyncSession,
    prepared: Prepared,
    *,
    name: str,
    key: str | None = None,
    workflow: str = "software",
    environment: str = "",
    repository_url: str | None = None,
    merge_method: MergeMethod = "merge",
    settings: dict[str, Any] | None = None,
    budget_usd: float | None = None,
    run_budget_usd: float | None = None,
    actor: str = "person",
) -> Project:
    """A new project. What the caller's `settings` name wins over what the files tell. Raises InvalidInput, NotFound
    for an unknown workflow, Conflict for a taken key."""
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise InvalidInput(f"A project's name has 1 to {MAX_NAME} characters.", "Give it a short name.")
    workspace = prepared.workspace
    values: dict[str, Any] = {
        "name": name,
        "workspace_path": str(workspace.path),
        "environment": environment,
        "repository_url": repository_url,
        "default_branch": workspace.default_branch,
        "merge_method": merge_method,
        "workflow_id": (await everybodys(session, workflow)).id,
        "settings": merge_settings(prepared.settings, checked(settings or {})),
        "budget_usd": budget_usd,
        "run_budget_usd": run_budget_usd,
    }
    await check_secrets(session, values["settings"])
    project = await _keep(session, values, key)
    await log.append(
        session, "project.created", actor=actor, project_id=project.id, name=name, key=project.key,
        workspace_path=project.workspace_path, workspace_created=workspace.created,
        **made(name=name, key=project.key, workspace_path=project.workspace_path),
    )  # fmt: skip
    await tell_change(session, project, {}, actor)
    return project


async def _keep(session: AsyncSession, values: dict[str, Any], key: str | None) -> Project:
    """With a key that is free. Others may take a derived one at the same moment: then the next one is tried."""
    for left in reversed(range(KEY_TRIES)):
        project = Project(key=await choose_key(session, values["name"], key), **values)
        try:
            async with session.begin_nested():
                session.add(project)
        except IntegrityError as error:
            if not left:
                raise Conflict(f"The key {project.key} was taken meanwhile.", "Send it again.") from error
        else:
            return project
    raise AssertionError("the last try returns or raises")


def merge_settings(found: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What was given over what was found; single commands are merged, not the whole table of them."""
    merged = {**found, **given}
    if commands := {**found.get("commands", {}), **given.get("commands", {})}:
        merged["commands"] = {name: command for name, command in commands.items() if command}
    return merged


def refuse_dirty(path: Path, dirty: Sequence[str]) -> None:
    """Raises WorkspaceDirty, naming the first of the files that are not committed."""
    if not dirty:
        return
    named, more = dirty[:NAMED_FILES], len(dirty) - NAMED_FILES
    rest = f" and {more} more" if more > 0 else ""
    raise WorkspaceDirty(
        f"The workspace {path} has changes that are not committed: {', '.join(named)}{rest}.",
        "Commit or stash them. Or pass allow_dirty: the hub never touches them, but a merge would wait for you.",
        files=list(dirty[:50]),
    )
