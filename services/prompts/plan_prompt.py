"""The prompt of a PM's run that plans a request."""

from collections.abc import Sequence
from pathlib import Path

from services.prompts.git_state import GitState
from services.prompts.sections import Section
from services.prompts.task_prompt import one_line, project_section
from services.prompts.workspace_files import about, guides
from services.store.models import Project, Request, Role


def plan_sections(
    project: Project, request: Request, role: Role, worktree: Path, feedback: str, faults: Sequence[str],
    git: GitState = GitState(), address: str = "",
) -> list[Section]:  # fmt: skip
    """`feedback` is what a person asked to change, `faults` what code refused in the last try."""
    lines = [f"Role: {role.name}", "Stage: plan", f"Project: {one_line(project.name)}", f"Request: {request.kind}"]
    wrong = "\n".join(f"- {fault}" for fault in faults)
    return [
        Section("", "\n".join(lines)),
        Section("The request, in the person's words", request.text, name="request", outside=True),
        Section("What the person asked to change in the last plan", feedback, name="feedback", outside=True),
        Section("What was wrong with the last plan", wrong, name="faults", outside=True),
        Section("What to answer", "Read the workspace with your tools first. Then answer with the plan."),
        project_section(project, address, rank=1),
        Section("Environment", project.environment, rank=1, name="environment"),
        about(worktree, rank=1),
        Section("Recent work in the project", git.lately, rank=2, name="recent", outside=True),
        guides(worktree, rank=2),
    ]
