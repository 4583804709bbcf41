"""What an agent would be told of a task now, before anybody is asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.domain.states import RunState
from services.domain.workflow import Stage, Workflow
from services.prompts.brief import Brief, read_brief, role_of
from services.prompts.git_state import GitState
from services.prompts.sections import Count, Part, compose
from services.prompts.settings import PromptSettings
from services.prompts.task_prompt import task_sections
from services.store.models import Run, Task

ASKING = ("aider", "tools")  # executors that ask a model


@dataclass(frozen=True)
class SectionSize:
    """One part of the prompt in tokens; `rank` 0 is never left out, of the others the highest goes first.

    `budget` is the most that its text may take, None: no bound of its own. `kept`: it is in the prompt, `cut`: not all
    of it. `outside`: others wrote it, so it stands in a fence. `text` is as the model gets it.
    """

    name: str
    title: str
    tokens: int
    budget: int | None
    rank: int
    kept: bool
    cut: bool
    outside: bool
    text: str


@dataclass(frozen=True)
class Preview:
    """`system` goes before `text`; where the executor has no place for it, it is a section of the text. Tokens are of
    both, without the files that go along. `fence` is the number of the fences around what others wrote."""

    system: str
    text: str
    tokens: int
    room: int
    left_out: tuple[str, ...]
    sections: tuple[SectionSize, ...]
    fence: str
    versions: dict[str, Any]


def stage_for(workflow: Workflow, task: Task, role: str | None) -> Stage:
    """The stage of this role that the task comes to next, else its last; without a role the task's own, else the first
    that asks a model. Raises InvalidInput where no model is asked."""
    asking = [stage for stage in workflow.stages if _asks(stage)]
    if role is not None:
        asking = [stage for stage in asking if role_of(stage) == role]
        if not asking:
            told = ", ".join(dict.fromkeys(role_of(stage) for stage in workflow.stages if _asks(stage))) or "none"
            raise InvalidInput(f"No stage of {workflow.name} asks a model as {role}.", f"Roles that are asked: {told}.")
    names = [stage.name for stage in workflow.stages]
    ahead = [stage for stage in asking if names.index(stage.name) >= names.index(task.stage)]
    if not asking:
        raise InvalidInput(f"No stage of {workflow.name} asks a model.", "Its stages run commands only.")
    return (ahead or asking[-1:])[0]


async def brief_of(session: AsyncSession, task: Task, stage: Stage) -> Brief:
    """The brief of a run that nobody started."""
    run = Run(
        id="", project_id=task.project_id, task_id=task.id, stage=stage.name, role=stage.role, state=RunState.QUEUED
    )
    return await read_brief(session, run, task, stage)


def preview(brief: Brief, worktree: Path, git: GitState, room: int, count: Count, settings: PromptSettings) -> Preview:
    """Raises PromptTooLong where even the parts that are never left out are over `room`, in tokens by `count`."""
    first = next(step for step in brief.stage.steps if step.executor in ASKING)
    by_aider = first.executor == "aider"
    sections = task_sections(brief, worktree, git, settings.address, settings.fold_characters, asks_in_words=by_aider)
    system = "" if first.executor == "aider" else brief.who.text
    if system:
        sections = [section for section in sections if section.name != "who"]
    before = count(system)
    prompt = compose(sections, room - before, count, settings)
    sizes = tuple(_size(part, count) for part in prompt.parts)
    tokens, versions = prompt.tokens + before, brief.who.versions
    return Preview(system, prompt.text, tokens, room, prompt.left_out, sizes, prompt.fence, versions)


def _size(part: Part, count: Count) -> SectionSize:
    section = part.section
    return SectionSize(
        section.name or "header", section.title or "Header", count(part.text), part.budget, section.rank, part.kept,
        bool(part.cut), section.outside, part.text,
    )  # fmt: skip


def _asks(stage: Stage) -> bool:
    return any(step.executor in ASKING for step in stage.steps)
