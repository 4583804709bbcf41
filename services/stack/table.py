"""The hub's services on one machine: how each is started, told its settings and asked for its health."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.stack import environments
from services.stack.health import Health, HeartbeatHealth, HttpHealth
from services.stack.settings import StackSettings


@dataclass(frozen=True)
class Service:
    """One child process. `command` is an argument list; `optional` services run only when they are asked for."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    health: Health
    optional: bool = False


def table(settings: StackSettings, scenario: Path | None = None) -> tuple[Service, ...]:
    """All services, in the order they are started. `scenario` adds the scripted model, playing that file."""
    python = settings.python
    scripted = () if scenario is None else (_scripted_model(settings, scenario),)
    return (
        *scripted,
        Service(
            "agent-api",
            (python, "-m", "agent_api.app"),
            environments.agent_api_environment(settings),
            HttpHealth(settings.agent_api_port, "AGENT_API_PORT"),
        ),
        Service(
            "main-api",
            (python, "-m", "main_api.app"),
            environments.main_api_environment(settings),
            HttpHealth(settings.main_api_port, "MAIN_API_PORT"),
        ),
        Service(
            "orchestrator",
            (python, "-m", "services.workflows.worker"),
            environments.orchestrator_environment(settings),
            HeartbeatHealth(settings.run / "orchestrator.health"),
        ),
    )


def _scripted_model(settings: StackSettings, scenario: Path) -> Service:
    port = str(settings.scripted_model_port)
    command = (
        settings.python,
        "-m",
        "services.models.scripted",
        "--port",
        port,
        "--scenario",
        str(scenario.absolute()),
        "--count-file",
        str(settings.home / "scripted-requests.jsonl"),
    )
    return Service(
        "scripted-model",
        command,
        environments.scripted_model_environment(settings),
        HttpHealth(settings.scripted_model_port, "SCRIPTED_MODEL_PORT"),
        optional=True,
    )
