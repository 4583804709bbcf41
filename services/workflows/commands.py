"""A project's own commands: what `test` and `e2e` mean in it."""

from services.contract.run_spec import CommandSettings
from services.store.models import Project
from services.workflows.records import Step

FALLBACK = {"e2e": "test"}


def command_settings(project: Project, step: Step) -> CommandSettings | None:
    """The command the step names, or what stands in for it; None where the project has neither."""
    commands: dict[str, str] = project.settings.get("commands", {})
    name = step["command"]
    command = commands.get(name) or commands.get(FALLBACK.get(name, ""))
    if not command:
        return None
    return CommandSettings(
        command=command,
        junit=project.settings.get("junit"),
        setup=project.settings.get("setup"),
        setup_inputs=tuple(project.settings.get("setup_inputs", ())),
        setup_network=project.settings.get("setup_network", True),
        name=step["name"],
    )
