"""The prompt of a PM's run that plans a request."""

from collections.abc import Sequence
from pathlib import Path

from services.prompts.sections import Section
from services.prompts.task_prompt import guides
from services.store.models import Project, Request, Role


def plan_sections(
    project: Project, request: Request, role: Role, worktree: Path, feedback: str, faults: Sequence[str]
) -> list[Section]:
    """`feedback` is what a person asked to change, `faults` what code refused in the last try."""
    lines = [f"Role: {role.name}", "Stage: plan", f"Project: {project.name}", f"Request: {request.kind}"]
    return [
        Section("", "\n".join(lines)),
        Section("The request, in the person's words", request.text),
        Section("What the person asked to change in the last plan", feedback),
        Section("What was wrong with the last plan", "\n".join(f"- {fault}" for fault in faults)),
        Section("What to answer", "Read the workspace with your tools first. Then answer with the plan."),
        Section("Environment", project.environment, rank=1),
        guides(worktree, rank=2),
    ]
