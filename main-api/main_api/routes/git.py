"""How the projects' repositories stand, as git tells."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends

from main_api.deps import Hub
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import where
from main_api.schemas.git import GitStatusOut
from main_api.schemas.shape import Id
from services.domain.errors import HubError
from services.repos.errors import GitTimedOut
from services.repos.overview import Checkout, Overview
from services.repos.repos import Repos
from services.store.models import Project

router = APIRouter(prefix="/git", tags=["git"])
SHOWN_FILES = 100
PATIENCE_SECONDS = 10.0
ProjectPage = Annotated[Paging, Depends(sorted_by("id", "name", "key", first="id", limit=20))]


@router.get(
    "/status", summary="How the projects' repositories stand", responses=listed(), response_model=list[GitStatusOut]
)
async def git_status(hub: Hub, paging: ProjectPage, project_id: Id | None = None) -> list[dict[str, Any]]:
    """Asks git now, and changes nothing. A project that git can't tell of has a `fault`; the others are told."""
    there = Project.in_sight() if project_id is None else Project.deleted_at.is_(None)
    query = where(sa.select(Project).where(there), Project, id=project_id)
    async with hub.db.read() as session:  # not held while git works
        projects = await page(session, query, paging)
    return list(await asyncio.gather(*(_status(hub.repos, project) for project in projects)))


async def _status(repos: Repos, project: Project) -> dict[str, Any]:
    named = ("key", "name", "workspace_path", "default_branch")
    told: dict[str, Any] = {"project_id": project.id, **{name: getattr(project, name) for name in named}}
    try:
        seen = _seen(await _look(repos, project))
        return told | seen | {"notes": await repos.notes(Path(project.workspace_path))}
    except HubError as error:
        fault = {"code": error.code, "sentence": error.sentence, "way_out": error.way_out}
        return told | {"sentence": error.sentence, "fault": fault}


async def _look(repos: Repos, project: Project) -> Overview:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await repos.overview(project.id, Path(project.workspace_path), project.default_branch)
    except TimeoutError as error:
        raise GitTimedOut(
            f"git took longer than {PATIENCE_SECONDS:g} s in {project.workspace_path}.",
            "Look at what keeps the disk busy, or ask for this project alone.",
        ) from error


def _seen(seen: Overview) -> dict[str, Any]:
    own = seen.checkout
    dirty = own.changed + own.untracked
    return {
        "sentence": _sentence(own),
        **{name: getattr(own, name) for name in ("branch", "head", "upstream", "ahead", "behind")},
        "dirty_count": len(dirty),
        "dirty": dirty[:SHOWN_FILES],
        "target": seen.target,
        "branches": seen.branches,
        "branch_count": seen.branch_count,
        "worktrees": [
            {"task_key": tree.task_key, "path": str(tree.path), "branch": tree.branch, "head": tree.head,
             "dirty_count": tree.dirty, "complaint": tree.complaint}
            for tree in seen.worktrees
        ],
    }  # fmt: skip


def _sentence(own: Checkout) -> str:
    at = f"On {own.branch}" if own.branch else "On no branch"
    count = len(own.changed) + len(own.untracked)
    state = f"with {count} file{'' if count == 1 else 's'} not committed" if count else "clean"
    return f"{at}, {state}."
