"""What making a project of a folder would mean, and what is found in it: before anything is made."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.projects.discovery import discover
from services.projects.location import locate
from services.repos.kinship import Look
from services.repos.repos import Repos
from services.store.models import Project

MOST_FILES = 50


@dataclass(frozen=True)
class Preview:
    """`settings` are as the new project would get them. `will` are sentences of what making it does to the folder."""

    workspace_path: Path
    exists: bool
    repository: bool
    branch: str | None = None
    dirty_count: int = 0
    dirty: list[str] = field(default_factory=list[str])
    will: list[str] = field(default_factory=list[str])
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


async def preview(repos: Repos, workspace_path: str, workspaces_dir: Path) -> Preview:
    """Runs git, so hold no transaction. Raises what `locate` and git refuse of the folder."""
    path = await asyncio.to_thread(locate, workspace_path, workspaces_dir, repos.depot.home)
    seen = await repos.look(path)
    settings = (await asyncio.to_thread(discover, path)).settings() if seen.files else {}
    if (own := seen.checkout) is None:
        return Preview(path, seen.exists, False, will=_will(path, seen), settings=settings)
    if own.branch is None:
        raise InvalidInput(f"HEAD of {path} is on no branch.", "Check a branch out there: git switch <branch>.")
    dirty = [*own.changed, *own.untracked]
    return Preview(path, True, True, own.branch, len(dirty), dirty[:MOST_FILES], _will(path, seen), settings)


async def standing_on(session: AsyncSession, path: Path, but: int = 0) -> list[Project]:
    """The projects that have this workspace already."""
    query = sa.select(Project).where(Project.workspace_path == str(path), Project.deleted_at.is_(None))
    return list(await session.scalars(query.where(Project.id != but).order_by(Project.id)))


def _will(path: Path, seen: Look) -> list[str]:
    if not seen.exists:
        return [f"The folder {path} is made, with git and a first commit."]
    if seen.checkout is None:
        what = "with its files as the first commit, but for those that look like secrets" if seen.files else "empty"
        return [f"git is begun in {path}, {what}."]
    if seen.checkout.head is None:
        return [f"{path} gets its first commit."]
    return [f"{path} stays as it is: agents work in worktrees of the hub's own copy."]
