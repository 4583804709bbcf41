"""The prompt of a PM's run that plans a request."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.prompts.git_state import GitState
from services.prompts.sections import Section
from services.prompts.task_prompt import one_line, project_section
from services.prompts.workspace_files import about, guides
from services.store.models import Project, Request, Role

FAULTS_TOLD = 20
KINDS = {
    "idea": "It is an idea: something new, or something that shall be different for those who use the product.",
    "bug": (
        "It is a bug: something does not do what it should. Begin with a task of kind bug whose first criterion is a "
        "test that fails as long as the bug is there; mend the cause, not the place where it shows."
    ),
    "change": (
        "It is a change of the infrastructure: settings, pipelines, machines, what the product runs on. Use the kind "
        "infra, keep each step small, and give each task a criterion that says how the change is taken back."
    ),
}
ONE_TASK = "The person wants one task for an answer: the plan has exactly one."
HOW = """Read the workspace with your tools first. Then answer with the plan.
- A small request is answered by one task. Do not split what one developer does in one go.
- Where the request asks for things that have nothing to do with each other, give each its own tasks, without
  dependencies between them, and say in the summary that they are independent.
- What the project has as an open task is not planned again.
- The summary is read in a minute: what will be different, in which order, and why; 1,200 characters at most.
- Where you can't tell what is wanted, or how it could be done here, answer with one task of kind research: its report
  says what there is, what the choices are, and what you would do. Its criteria say which questions the report answers.
- The estimate is minutes of work of such agents as you are, for all tasks together.
- Write titles, descriptions and criteria in the language of the request."""


REST = """Plan the rest anew, and only that: your tasks stand in the place of those that nobody has begun. What is done
or under way stays as it is and is not planned again. In depends_on your tasks may name keys of those under way."""


@dataclass(frozen=True)
class PlanBrief:
    """What is known of a request when its planning starts.

    `feedback` is what a person asked to change in the plan `last`, `faults` what code refused in it. `files` tells what
    came with the request; `open_tasks` are `key title` of the project's, the newest first. `address` is the hub's own.
    """

    project: Project
    request: Request
    role: Role
    feedback: str = ""
    faults: Sequence[str] = ()
    last: dict[str, Any] | None = None
    files: str = ""
    open_tasks: Sequence[str] = ()
    git: GitState = field(default_factory=GitState)
    address: str = ""
    standing: str = ""  # of an approved plan whose rest is planned anew: how far each of its tasks is


def plan_sections(brief: PlanBrief, worktree: Path) -> list[Section]:
    """All sections of the prompt, in reading order; see compose for which go first when room is short."""
    project, request = brief.project, brief.request
    lines = [
        f"Role: {brief.role.name}",
        "Stage: plan",
        f"Project: {one_line(project.name)}",
        f"Request: {request.kind}",
    ]
    kind = "\n".join([KINDS[request.kind], *([ONE_TASK] if request.single else [])])
    last = json.dumps(brief.last, ensure_ascii=False) if brief.last and (brief.feedback or brief.faults) else ""
    open_tasks, faults = "\n".join(f"- {one}" for one in brief.open_tasks), _listed(brief.faults)
    return [
        Section("", "\n".join(lines)),
        Section("The request, in the person's words", request.text, name="request", outside=True),
        Section("What came with the request", brief.files, rank=1, name="attachments", outside=True),
        Section("What kind of request it is", kind),
        Section("Your last plan", last, rank=3, name="last_plan", outside=True),
        Section("What the person asked to change in the last plan", brief.feedback, name="feedback", outside=True),
        Section("How far the approved plan is", brief.standing, name="standing", outside=True),
        Section("What was wrong with the last plan", faults, name="faults", outside=True),
        Section("What to answer", f"{HOW}\n\n{REST}" if brief.standing else HOW),
        project_section(project, brief.address, rank=1),
        Section("What the workspace is made of", workspace_facts(project), rank=2, name="workspace", outside=True),
        Section("Environment", project.environment, rank=1, name="environment"),
        about(worktree, rank=1),
        Section("Open tasks of the project", open_tasks, rank=4, name="open_tasks", outside=True),
        Section("Recent work in the project", brief.git.lately, rank=2, name="recent", outside=True),
        guides(worktree, rank=2),
    ]


def workspace_facts(project: Project) -> str:
    """What discovery found, over it what the owner says, and how the project is tested; empty where nobody looked."""
    found: dict[str, Any] = {**(project.settings.get("discovered") or {}), **(project.settings.get("facts") or {})}
    commands: dict[str, Any] = project.settings.get("commands") or {}
    facts = [
        ("Languages", ", ".join(dict.fromkeys((*filter(None, [found.get("language")]), *found.get("languages", {}))))),
        ("Packages", ", ".join(found.get("package_managers", []))),
        ("Frameworks", ", ".join(found.get("frameworks", []))),
        ("Entry points", ", ".join(found.get("entry_points", [])[:20])),
        ("Files", str(found.get("files") or "")),
        ("Tests", str(commands.get("test") or "")),
    ]
    return "\n".join(f"{name}: {value}" for name, value in facts if value)


def _listed(faults: Sequence[str]) -> str:
    more = len(faults) - FAULTS_TOLD
    lines = [f"- {fault}" for fault in faults[:FAULTS_TOLD]]
    return "\n".join([*lines, *([f"- and {more} more of the kind"] if more > 0 else [])])
