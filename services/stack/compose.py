"""What docker/compose.yaml needs to give the same stack: folders, secrets, and settings in files that it names."""

import re
from collections.abc import Sequence
from pathlib import Path

from services.stack import container_engine as engine
from services.stack.container import Container
from services.stack.container_files import prepare_folders, write_private, write_secrets
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import Place, migrations, table
from services.stack.errors import BadSetting

FILE, WITH_GPU = "docker/compose.yaml", "docker/compose.gpu.yaml"
UNSAID = re.compile(r"""[$\r\n]|\s#|^['"#]|\\""")  # what Compose's programs read in one way or another


def write(settings: ContainerSettings, place: Place) -> Path:
    """Makes what is missing and answers the file for `--env-file`. Raises BadSetting where Compose can't give this,
    and HomeUnusable."""
    if settings.agents > 1 or settings.orchestrators > 1:
        way_out = "Use ./start.sh --containers, or set AGENT_API_COUNT and ORCHESTRATOR_COUNT to 1 in .env."
        raise BadSetting("The compose file has one agent-api and one orchestrator.", way_out)
    if place.cage == "bubblewrap":
        raise BadSetting("The compose file is for kernels with Landlock 6 and up.", "Use ./start.sh --containers.")
    prepare_folders(settings)
    containers = (*table(settings, place), migrations(settings, place.images))
    folder = settings.home / "compose"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    for one in containers:
        write_private(settings, folder / f"{one.name}.env", _lines(one.told.environment))
        if one.told.secrets:
            write_secrets(settings, one.name, one.told.secrets)
    for name in {"ollama", "caddy"} - {one.name for one in containers}:  # Compose wants those of what is left out too
        write_private(settings, folder / f"{name}.env", "")
    file = folder / "hub.env"
    write_private(settings, file, _lines(_variables(settings, place, containers)))
    return file


def command(settings: ContainerSettings, place: Place, file: Path) -> list[str]:
    """Brings the stack up, as an argument list behind `docker compose` or `docker-compose`."""
    files = [FILE, *([WITH_GPU] if place.gpu else [])]
    named = [word for name in files for word in ("--file", str(settings.source / name))]
    return ["--env-file", str(file), *named, "up", "--detach"]


def _variables(settings: ContainerSettings, place: Place, containers: Sequence[Container]) -> dict[str, str]:
    profiles = [name for name, kind in (("ollama", "ollama"), ("https", "caddy")) if kind in _names(containers)]
    stack = settings.stack
    ours = {
        f"{_variable(name)}_IMAGE": place.images[name] for name in ("main-api", "orchestrator", "stack", "agent-api")
    }
    every = {_variable(one.name): one for one in containers}
    ports = settings.ports | {"MAIN_API_PORT": stack.main_api_port, "AGENT_API_PORT": stack.agent_api_port}
    return {
        "COMPOSE_PROJECT_NAME": f"wfhub-{settings.key}",
        "COMPOSE_PROFILES": ",".join(profiles),
        "HUB_KEY": settings.key,
        "HUB_HOME": str(settings.home),
        "HUB_USER": f"{settings.uid}:{settings.gid}",
        "WORKSPACES": str(stack.workspaces),
        "SOURCE": str(settings.source),
        "SOCKET": str(place.socket),
        "SOCKET_GROUP": str(place.socket.stat().st_gid),
        "CPUS": str(settings.cpus),
        **{name: settings.images[name] for name in ("POSTGRES_IMAGE", "OLLAMA_IMAGE", "CADDY_IMAGE")},
        **ours,
        **{name: str(port) for name, port in ports.items()},
        **{f"MEMORY_{name}": str(one.memory) for name, one in every.items()},
        **{f"SECRETS_{name}": engine.secrets_of(one) for name, one in every.items()},
        # What is not among them all the same stands in the file.
        **{
            f"{kind}_{name}": "0" for name in ("OLLAMA", "CADDY") if name not in every for kind in ("MEMORY", "SECRETS")
        },
    }


def _names(containers: Sequence[Container]) -> set[str]:
    return {one.name for one in containers}


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _lines(values: dict[str, str]) -> str:
    for name, value in values.items():
        if UNSAID.search(value):
            raise BadSetting(
                f"{name} has a sign that Compose reads in ways of its own.",
                "Take $, backslash, quotes at its beginning and # out of it, or use ./start.sh --containers.",
            )
    return "".join(f"{name}={value}\n" for name, value in values.items())
