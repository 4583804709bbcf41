"""Find a project, and change it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys.grants import check_secrets, tell_change
from services.domain.changes import changed
from services.domain.errors import InvalidInput, NotFound
from services.events import log
from services.models.budgets import Defaults
from services.pauses.word import note_project
from services.projects.errors import ProjectArchived
from services.projects.settings import found_again, merged
from services.store.models import Project, Request, Task, WorkflowRow
from services.store.versions import apply_edit
from services.tasks.funds import NONE, go_on, is_more, plan_on

EDITABLE = frozenset(
    {
        "name",
        "environment",
        "repository_url",
        "default_branch",
        "merge_method",
        "settings",
        "budget_usd",
        "run_budget_usd",
        "paused",
        "workflow_id",
    }
)


async def get_project(session: AsyncSession, project_id: int, lock: bool = False) -> Project:
    project = await session.get(Project, project_id, with_for_update=lock or None)
    if project is None or project.deleted_at is not None:
        raise NotFound(f"There is no project with id {project_id}.", "List them with GET /projects.")
    return project


async def project_at_work(session: AsyncSession, project_id: int, lock: bool = False) -> Project:
    """The same for what would begin something. Raises ProjectArchived too."""
    project = await get_project(session, project_id, lock)
    refuse_archived(project)
    return project


def refuse_archived(project: Project) -> None:
    if project.archived_at is not None:
        raise ProjectArchived(f"{project.name} is archived.", "Bring it back first: unarchive it.")


async def edit_project(
    session: AsyncSession,
    project_id: int,
    version: int,
    changes: dict[str, Any],
    actor: str,
    budgets: Defaults = NONE,
) -> Project:
    """Only what is named changes, in `settings` too; more money lets its waiting tasks go on. `budgets` are the hub's
    own.

    Raises InvalidInput, ProjectArchived for an archived one that shall go on, and Conflict, with the current row, when
    `version` is not the newest.
    """
    if refused := set(changes) - EDITABLE:
        raise InvalidInput(f"A project's {', '.join(sorted(refused))} can't be changed.")
    await log.lock(session)  # before the row, as everywhere
    project = await get_project(session, project_id, lock=True)
    if changes.get("paused") is False:
        refuse_archived(project)
    if "settings" in changes:
        changes = {**changes, "settings": merged(project.settings, changes["settings"])}
        await check_secrets(session, changes["settings"])
    before, settings = (project.budget_usd, project.run_budget_usd), project.settings
    edit = await apply_edit(session, project, version, changes)
    if "paused" in edit.fields:
        await note_project(session, project, actor)
    if is_more(before[0], project.budget_usd) or is_more(before[1], project.run_budget_usd):
        await go_on(session, Task.project_id == project.id, actor, budgets)
        await plan_on(session, Request.project_id == project.id, actor, budgets)
    await log.append(session, "project.edited", actor=actor, project_id=project.id, **edit.told)
    await tell_change(session, project, settings, actor)
    return project


async def use_workflow(session: AsyncSession, project_id: int, row: WorkflowRow, actor: str) -> Project:
    """Its new tasks go through this workflow; those it has keep theirs."""
    await log.lock(session)  # before the row, as everywhere
    project = await get_project(session, project_id, lock=True)
    if project.workflow_id != row.id:
        before = project.workflow_id
        await apply_edit(session, project, project.version, {"workflow_id": row.id})
        await tell_workflow(session, project, row, actor, before)
    return project


async def tell_workflow(
    session: AsyncSession, project: Project, row: WorkflowRow, actor: str, before: int | None = None
) -> None:
    """Who changed what stands between agents and the main branch is on record."""
    await log.append(
        session, "project.workflow", actor=actor, project_id=project.id, workflow=row.name, version=row.version,
        sha256=row.sha256, **changed(workflow_id=(before, row.id)),
    )  # fmt: skip


async def discover_again(
    session: AsyncSession, project_id: int, version: int, found: dict[str, Any], *, recipe: bool, actor: str
) -> Project:
    """Keep what the workspace's files tell now (`found`, as discovery puts it). With `recipe` it replaces the commands
    and the setup; else it fills them in where there is no test command. Raises Conflict."""
    await log.lock(session)  # before the row, as everywhere
    project = await get_project(session, project_id, lock=True)
    if recipe or not project.settings.get("commands", {}).get("test"):
        settings = found_again(project.settings, found)
    else:
        settings = {**project.settings, "discovered": found["discovered"]}
    edit = await apply_edit(session, project, version, {"settings": settings})
    await log.append(session, "project.edited", actor=actor, project_id=project.id, **edit.told)
    return project
