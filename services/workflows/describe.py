"""Say what an agent shall do in one step: the prompt, the files, the commands, the limits. The run's row keeps
the answer, so a step done again asks the model the very same."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.attachments.reach import FILES, of_task
from services.choices.decisions import keep_choice
from services.contract.run_spec import (
    AiderSettings,
    CagePolicy,
    CommandSettings,
    Limits,
    ModelAccess,
    RunSpec,
    ScanSettings,
    ToolsSettings,
)
from services.domain.errors import HubError
from services.domain.secret_files import is_secret
from services.domain.test_files import belongs_to_tests
from services.domain.workflow import Stage
from services.feedback import hear
from services.plans.drafts import schema_of
from services.prompts.brief import read_brief, role_of
from services.prompts.git_state import GitState
from services.prompts.sections import compose
from services.prompts.task_prompt import task_sections
from services.repos.together import together
from services.roles.read import workflows_of
from services.store.models import Criterion, Project, Run, Task
from services.workflows import baseline, looking
from services.workflows.bench import bench
from services.workflows.commands import command_settings, found_command
from services.workflows.context import context_of, is_at_hand, note_prompt
from services.workflows.criteria_facts import own_commands
from services.workflows.deployed import against_deployed
from services.workflows.fail import note_failure
from services.workflows.files_to_edit import files_to_edit
from services.workflows.making import making_of
from services.workflows.missing_tests import asked_for, without_test
from services.workflows.model_choice import access_of
from services.workflows.patience import patient
from services.workflows.records import Step, is_current, recorded, step_id
from services.workflows.stage_limits import job_limits


@dataclass(frozen=True)
class Work:
    """Whose step is described: the rows every step needs. What a prompt tells is read where there is a prompt."""

    project: Project
    task: Task
    run: Run
    stage: Stage
    own_checks: tuple[tuple[str, str], ...] = ()  # of criteria: the step's name, and its command


async def read_work(session: AsyncSession, run: Run) -> Work:
    task = await session.get_one(Task, run.task_id)
    stage = (await workflows_of(session, [task.workflow_id]))[task.workflow_id].stage(run.stage)
    own = tuple(await own_commands(session, task)) if stage.gate.criteria_met else ()
    return Work(await session.get_one(Project, run.project_id), task, run, stage, own)


@patient
async def describe_step(run_id: str, step: Step, place: dict[str, Any]) -> dict[str, Any]:
    """`describe`, its answer kept in the run's row. A step that waited for money is told in the words of then."""
    async with bench().db.read() as session:
        run = await session.get_one(Run, run_id)
        if spec := recorded(run).get(step_id(step), {}).get("spec"):
            return {"spec": spec}
        if told := run.details.get("place", {}).get("told", {}).get(step_id(step)):
            return told
        work = await read_work(session, run)
    told = await describe(work, step, place)
    if "spec" in told:  # before the agent is sent for: its first call goes by the choice
        async with bench().db.write() as session:
            run = await session.get_one(Run, run_id)
            if await is_current(session, run):
                known = run.details.get("place", {})
                words = {**known.get("told", {}), step_id(step): told}
                run.details = {**run.details, "place": {**known, "told": words}}
                note_prompt(run, step_id(step), told.get("prompt"))
                await hear.heard(session, run, work.task, told.get("heard", ()), how=hear.PROMPT)
                if choice := told.get("choice"):
                    await keep_choice(session, run, step_id(step), choice)
    return told


async def describe(work: Work, step: Step, place: dict[str, Any]) -> dict[str, Any]:
    """Answers `{"spec": ...}`, with the `choice` of models where there is one, or `{"stop": bool}` where there is
    nothing to send: skipped, known, or refused."""
    try:
        told = await _describe(work, step, place)
        assert told is not None
        return told
    except HubError as error:
        await note_failure(work.run.id, step, error)
        return {"stop": True}


async def describe_at_once(
    work: Work, step: Step, place: dict[str, Any], session: AsyncSession
) -> dict[str, Any] | None:
    """`describe` within a writing transaction: None where that would start a process, or ends in a refusal."""
    repos, project = bench().repos, work.project.id
    if step["executor"] == "command":
        ready = not step.get("on_base") or repos.ready_base_worktree(project, place["base_sha"]) is not None
        ready = ready and command_settings(work.project, step) is not None  # else files are looked through
    elif step["executor"] == "scan":
        ready = repos.ready_base_worktree(project, place["base_sha"]) is not None
    else:
        ready = repos.knows_changes(project, place["base_sha"], place["branch"])
        ready = ready and repos.knows_recent_work(project, place["base_sha"])
    try:
        return await _describe(work, step, place, session) if ready else None
    except HubError:
        return None  # it comes up again outside, where it can be noted


async def _describe(
    work: Work, step: Step, place: dict[str, Any], session: AsyncSession | None = None
) -> dict[str, Any] | None:
    if step["executor"] == "command":
        return await _command(work, step, place)
    if step["executor"] == "scan":
        base = await bench().repos.base_worktree(work.project.id, place["base_sha"])
        settings = ScanSettings(
            scanners=tuple(step["scanners"]), base_worktree=str(base), network=audit_network(work.project)
        )
        return {"spec": _spec(work, step, place, settings)}
    if session is not None:
        return await _with_model(work, step, place, session, {}, at_once=True)
    why_not = await looking.look(work.project.id, of_task(work.task.id), Path(place["worktree"]))
    async with bench().db.read() as reading:
        return await _with_model(work, step, place, reading, why_not)


async def _command(work: Work, step: Step, place: dict[str, Any]) -> dict[str, Any]:
    settings = command_settings(work.project, step) or await found_command(work.project, step, Path(place["worktree"]))
    if settings is None:
        return {"stop": False}
    if step.get("on_overlay"):
        return await _old_tests(work, step, place, settings)
    if not step.get("on_base"):
        return {"spec": against_deployed(work.project, work.run, _spec(work, step, place, settings))}
    if await baseline.known(work.project.id, place["base_sha"], step):
        return {"stop": False}
    base = await bench().repos.base_worktree(work.project.id, place["base_sha"])
    return {"spec": _spec(work, step, {**place, "worktree": str(base)}, settings)}


async def _old_tests(work: Work, step: Step, place: dict[str, Any], settings: CommandSettings) -> dict[str, Any]:
    """The base's own tests against the change; nothing where the change left all of them as they were."""
    repos, project = bench().repos, work.project.id
    report = await baseline.report(project, place["base_sha"], step["name"].removesuffix("-old"))
    if report is None or not report.passed:
        return {"stop": False}
    there = {case.file for case in report.cases if case.file}
    laid = await repos.laid_over(
        project, place["base_sha"], place["branch"], lambda path: path in there or belongs_to_tests(path)
    )
    if laid is None:
        return {"stop": False}
    tree = await repos.base_worktree(project, laid)
    return {"spec": _spec(work, step, {**place, "worktree": str(tree)}, settings)}


async def _with_model(
    work: Work,
    step: Step,
    place: dict[str, Any],
    session: AsyncSession,
    why_not: dict[str, str],
    *,
    at_once: bool = False,
) -> dict[str, Any] | None:
    """`why_not`: of pictures that nobody could describe, by hash."""
    brief = await read_brief(session, work.run, work.task, work.stage)
    files = await FILES.all(session, task=work.task.id)
    if at_once and await looking.missing(session, files):
        return None
    missing = list[Criterion]()
    if step.get("when") == "criteria_without_test":
        missing = await without_test(session, work.run, brief.criteria)
        if not missing:
            return {"stop": False}
    worktree = Path(place["worktree"])
    model, choice = await access_of(session, bench().settings, brief.project, brief.role, work.run, work.task)
    if at_once and not is_at_hand(model):
        return None
    git = await _git_state(work, place)
    changed, prompts = git.changed, bench().settings.prompts
    context = await context_of(model)
    asks_in_words = step["executor"] == "aider"
    attached = await looking.shown(session, files, model, why_not, attach=not asks_in_words)
    brief = replace(brief, files=attached.words)
    sections = task_sections(
        brief, worktree, git, prompts.address, prompts.fold_characters, asks_in_words=asks_in_words
    )
    settings: AiderSettings | ToolsSettings
    if step["executor"] == "aider":
        readable = cage_of(work.project).readable_secrets
        files = files_to_edit(brief, step, worktree, changed, readable)
        shown = (path for path in changed if path not in files and not is_secret(path, readable))
        read = tuple(shown) if step["read_changed"] else ()
        used = context.size(worktree, files)
        fitting = context.that_fit(worktree, read, (context.room - used) // 2)
        used += context.size(worktree, fitting)
        prompt = compose(sections, context.room - used, context.count, prompts)
        told = context.told(prompt, used, [path for path in read if path not in fitting])
        rounds = step.get("test_rounds", 0)
        settings = AiderSettings(
            may_ask=True,
            message=prompt.text,
            files=files,
            read_files=fitting,
            must_change=_is_its_change(work.stage),
            test=command_settings(work.project, {"name": "tests", "command": "test"}) if rounds else None,
            test_rounds=rounds,
        )
    else:
        sections = [s for s in sections if s.name != "who"]
        if step.get("prompt"):
            sections += asked_for(step["prompt"], missing)
        used = context.count(brief.who.text) + attached.tokens
        prompt = compose(sections, context.room - used, context.count, prompts)
        told = context.told(prompt, used)
        settings = ToolsSettings(
            may_ask=True,
            making=making_of(brief.role),
            system=brief.who.text,
            prompt=prompt.text,
            pictures=attached.pictures,
            tools=tuple(step["tools"]),
            writes=step.get("writes", "anything"),
            output_schema=schema_of(step["produces"]),
            output_name=step["produces"],
        )
    limits = job_limits(work.stage, brief.role)
    spec = {"spec": _spec(work, step, place, settings, model, limits), "prompt": told | brief.who.versions}
    spec |= {"heard": [row.id for row in brief.feedback]} if brief.feedback else {}
    return {**spec, "choice": choice} if choice else spec


async def _git_state(work: Work, place: dict[str, Any]) -> GitState:
    repos, project, base = bench().repos, work.project.id, place["base_sha"]
    changed, recent = await together(
        repos.changed_files(project, base, place["branch"]), repos.recent_work(project, base)
    )
    return GitState(place["branch"], changed, recent.commits, recent.files)


def _is_its_change(stage: Stage) -> bool:
    """Whether the stage is there for the change that its one Aider step makes: "done" without one is then a failure."""
    return stage.gate.changes_required and [step.executor for step in stage.steps].count("aider") == 1


def _spec(
    work: Work,
    step: Step,
    place: dict[str, Any],
    settings: AiderSettings | ToolsSettings | CommandSettings | ScanSettings,
    model: ModelAccess | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    return RunSpec(
        run_id=work.run.id,
        step=step_id(step),
        task_key=work.task.key,
        role=role_of(work.stage),
        worktree=place["worktree"],
        git_dir=place["git_dir"],
        settings=settings,
        model=model,
        limits=limits or job_limits(work.stage),
        cage=cage_of(work.project),
    ).model_dump(mode="json")


def audit_network(project: Project) -> bool:
    """Whether scanners may ask what is known of locked versions: as the owner says, else as for the setup, which tells
    an index the same names."""
    allowed = project.settings.get("audit_network")
    return bool(project.settings.get("setup_network", True) if allowed is None else allowed)


def cage_of(project: Project) -> CagePolicy:
    """What the project's owner allows; nothing but its worktree unless they said so."""
    return CagePolicy.model_validate(project.settings.get("cage", {}))
