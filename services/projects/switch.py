"""Let a project stand on another folder: the same repository elsewhere, or, when its owner says so, another one."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import InvalidInput
from services.domain.states import OPEN_TASK
from services.events import log
from services.projects.create import refuse_dirty
from services.projects.discovery import discover
from services.projects.edit import get_project
from services.projects.errors import WorkspaceOther
from services.projects.live import refuse_busy
from services.projects.location import locate
from services.repos.kinship import Kin
from services.repos.repos import Repos
from services.store.models import Project, Task
from services.store.versions import apply_edit

KINSHIP: dict[Kin, str] = {
    "same": "It is the same repository, with all that the hub has seen of it.",
    "apart": "It is the same repository, but commits that the hub has seen are not on its {branch}: tasks that were "
    "begun from them bring them along when they are merged.",
    "other": "It is another repository: its history has nothing in common with the project's.",
    "unknown": "There is nothing to compare it with: the hub has no copy of the old workspace, and that is gone.",
}


@dataclass(frozen=True)
class Switch:
    """What it would mean. `kinship` as in services/repos/kinship.py; `sentences` say it for a person; `found` is what
    the new folder's files tell."""

    workspace_path: Path
    branch: str
    kinship: Kin
    dirty: tuple[str, ...]
    sentences: list[str]
    found: dict[str, Any]

    @property
    def needs_word(self) -> bool:
        return self.kinship in ("other", "unknown")


async def foresee(
    repos: Repos, project: Project, workspace_path: str, workspaces_dir: Path, branch: str | None, open_keys: list[str]
) -> Switch:
    """Runs git, so hold no transaction. `open_keys` are the tasks with a branch that is not merged.

    Raises what `locate` and git refuse of the folder, InvalidInput for one without a repository or without the branch.
    """
    path = await asyncio.to_thread(locate, workspace_path, workspaces_dir, repos.depot.home)
    if str(path) == project.workspace_path:
        raise InvalidInput(f"{project.name} stands on {path} already.", "Choose another folder.")
    own = (await repos.look(path)).checkout
    if own is None or own.head is None:
        raise InvalidInput(f"There is no repository with a commit at {path}.", "Choose the folder of a clone.")
    wanted = branch or project.default_branch
    kinship, head = await repos.kin(
        project.id, (Path(project.workspace_path), project.default_branch), (path, wanted)
    )  # fmt: skip
    if head is None:
        raise InvalidInput(
            f"{path} has no branch {wanted}.", f"Name the branch that merges shall go to, as {own.branch}."
        )
    sentences = [KINSHIP[kinship].format(branch=wanted)]
    if wanted != project.default_branch:
        sentences.append(f"Merges go to {wanted} from then on, not to {project.default_branch}.")
    if open_keys:
        sentences.append(f"Begun and not merged: {', '.join(open_keys[:10])}. They go on there.")
    sentences.append(f"Nothing is changed or taken away in {project.workspace_path}.")
    if project.settings.get("push_after_merge"):
        remote = project.settings.get("push_remote", "origin")
        sentences.append(f"Merges are pushed to what {remote} is in the new folder.")
    found = (await asyncio.to_thread(discover, path)).settings()
    return Switch(path, wanted, kinship, (*own.changed, *own.untracked), sentences, found)


async def begun_keys(session: AsyncSession, project_id: int) -> list[str]:
    """Of its open tasks with a branch of their own."""
    query = sa.select(Task.key).where(
        Task.project_id == project_id, Task.deleted_at.is_(None), Task.branch.is_not(None), Task.state.in_(OPEN_TASK)
    )
    return list(await session.scalars(query.order_by(Task.id)))


async def switch(
    session: AsyncSession, project_id: int, version: int, wanted: Switch, *, other: bool, allow_dirty: bool, actor: str
) -> Project:
    """Its history stays. `other`: a repository that has nothing to do with the one before is meant.

    Raises ProjectBusy while runs are live, WorkspaceOther, WorkspaceDirty, Conflict for a stale version.
    """
    await log.lock(session)  # before the row, as everywhere
    project = await get_project(session, project_id, lock=True)
    await refuse_busy(session, project, "Wait for them or kill them, then switch.")
    _refuse_other(wanted, await begun_keys(session, project.id), other)
    if not allow_dirty:
        refuse_dirty(wanted.workspace_path, wanted.dirty)
    was = project.workspace_path, project.default_branch
    settings = {**project.settings, "discovered": wanted.found["discovered"]}
    now_is: dict[str, Any] = {"workspace_path": str(wanted.workspace_path), "default_branch": wanted.branch}
    await apply_edit(session, project, version, {**now_is, "settings": settings})
    await log.append(
        session, "project.workspace", actor=actor, project_id=project.id, kinship=wanted.kinship,
        **changed(workspace_path=(was[0], now_is["workspace_path"]), default_branch=(was[1], wanted.branch)),
    )  # fmt: skip
    return project


def _refuse_other(wanted: Switch, begun: list[str], other: bool) -> None:
    if wanted.kinship == "other" and begun:
        raise WorkspaceOther(
            f"{wanted.workspace_path} is another repository, and {', '.join(begun[:10])} began in the one before.",
            "Finish or cancel them first, or make a new project of that folder.", kinship=wanted.kinship,
        )  # fmt: skip
    if wanted.needs_word and not other:
        raise WorkspaceOther(
            wanted.sentences[0], "Pass other_repository when that is meant, or make a new project of it.",
            kinship=wanted.kinship,
        )  # fmt: skip
