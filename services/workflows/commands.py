"""A project's own commands: what `test` and `e2e` mean in it."""

import asyncio
from pathlib import Path
from typing import Any

from services.contract.run_spec import CommandSettings
from services.projects.discovery import discover
from services.store.models import Project
from services.workflows.records import Step

FALLBACK = {"e2e": "test"}
OWNERS = ("setup_network", "coverage", "sarif", "screenshots")  # what files do not tell


def command_settings(project: Project, step: Step) -> CommandSettings | None:
    """The command the step names, or what stands in for it; None where the project has neither."""
    return _from(project.settings, step)


async def found_command(project: Project, step: Step, worktree: Path) -> CommandSettings | None:
    """For a project whose files told no test command when it began: what the files of this worktree tell now.

    An idea begins with an empty folder, and its first task brings the tests.
    """
    parts: list[dict[str, Any]] = project.settings.get("discovered", {}).get("parts", [])
    if any(part.get("test") for part in parts):
        return None  # its owner took the command away
    found = await asyncio.to_thread(discover, worktree)
    own = {name: project.settings[name] for name in OWNERS if name in project.settings}
    return _from(found.recipe.settings() | own, step)


def _from(settings: dict[str, Any], step: Step) -> CommandSettings | None:
    if own := step.get("own"):
        return CommandSettings(command=own, name=step["name"], **setup_of(settings))
    commands: dict[str, str] = settings.get("commands", {})
    name = step["command"]
    command = commands.get(name) or commands.get(FALLBACK.get(name, ""))
    if not command:
        return None
    return CommandSettings(
        command=command,
        junit=settings.get("junit"),
        coverage=settings.get("coverage"),
        sarif=tuple(settings.get("sarif", ())),
        screenshots=tuple(settings.get("screenshots", ())),
        lint=name == "lint",
        name=step["name"],
        **setup_of(settings),
    )


def setup_of(settings: dict[str, Any]) -> dict[str, Any]:
    """How the environment is built that any command of the project needs."""
    return {
        "setup": settings.get("setup"),
        "setup_inputs": tuple(settings.get("setup_inputs", ())),
        "setup_network": settings.get("setup_network", True),
    }
