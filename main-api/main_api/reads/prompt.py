"""The prompt that a task's next run of a role would get, by the model it would ask."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from main_api.schemas.prompt import PromptPreviewOut, SectionOut
from services.attachments.reach import reachable
from services.attachments.seen import as_text, told
from services.choices.choose import House, choose
from services.models.tokens import estimate
from services.prompts.git_state import GitState
from services.prompts.preview import brief_of, preview, stage_for
from services.prompts.room import room_of
from services.repos.together import together
from services.roles.read import workflow_by_id
from services.store.models import Project, Task


async def read_prompt(hub: HubParts, session: AsyncSession, task: Task, role: str | None) -> PromptPreviewOut:
    """Raises InvalidInput where that role is not asked, PromptTooLong where its model has no room for it."""
    stage = stage_for(await workflow_by_id(session, task.workflow_id), task, role)
    files = await told(session, await reachable(session, task), hub.attachments)
    brief = replace(await brief_of(session, task, stage), files=as_text(files))
    chosen = await choose(session, _house(hub), brief.project, brief.role, brief.run, task)
    model = chosen.models[0]
    profile, count = await hub.gateway.known.profile(model), await hub.gateway.known.counter(model)
    room = room_of(profile.context_tokens, profile.max_output_tokens)
    git, worktree = await git_state(hub, task), files_of(hub, brief.project, task)
    shown = preview(brief, worktree, git, room, count, hub.settings.prompts)
    return PromptPreviewOut(
        stage=stage.name,
        model=model,
        counted_by="estimate" if count is estimate else "tokenizer",
        sections=[SectionOut.model_validate(one) for one in shown.sections],
        left_out=list(shown.left_out),
        **{name: getattr(shown, name) for name in ("system", "text", "tokens", "room", "fence")},
        **shown.versions,
    )


def _house(hub: HubParts) -> House:
    own = frozenset(name for name, provider in hub.gateway.providers.items() if provider.own)
    settings = hub.settings
    return House(settings.default_model, own, settings.offline, settings.budgets)


def files_of(hub: HubParts, project: Project, task: Task) -> Path:
    """The task's worktree; before it has one, the workspace as it lies there."""
    worktree = hub.repos.depot.worktrees(project.id) / task.key
    return worktree if worktree.is_dir() else Path(project.workspace_path)


async def git_state(hub: HubParts, task: Task) -> GitState:
    """Empty before the task has a branch."""
    if task.branch is None or task.base_sha is None:
        return GitState()
    changed, recent = await together(
        hub.repos.changed_files(task.project_id, task.base_sha, task.branch),
        hub.repos.recent_work(task.project_id, task.base_sha),
    )
    return GitState(task.branch, changed, recent.commits, recent.files)
