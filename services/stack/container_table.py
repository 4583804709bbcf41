"""The hub's containers: what each is made of, where it may reach, what it sees of the disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.stack import container_environments as told
from services.stack.container_environments import Told
from services.stack.container_settings import DOMAIN, ContainerSettings

EDGE, AGENTS, DATA, CONTROL, MODELS = "edge", "agents", "data", "control", "models"
# Internal ones have no way out. Their bridge gets no address on the host either, where the engine can do without.
INTERNAL = (AGENTS, CONTROL)
OLLAMA_VOLUME = "wfhub_ollama_data"  # shared by all hubs: models are large
PROBE = ("python", "/app/docker/probe.py")
MEGABYTE = 2**20
SECRETS_AT = "/run/wfhub/secrets.env"
# bubblewrap builds a whole new view of the machine, /proc included, which Docker's walls would forbid.
OPENED = ("seccomp=unconfined", "systempaths=unconfined", "apparmor=unconfined")


@dataclass(frozen=True)
class Mount:
    """`source` is an absolute path of the host, or a volume's name."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Container:
    """`ports` maps a port inside to (port on 127.0.0.1, the setting that moves it). `memory` is bytes, `cpus` a count.

    `probe` is a command that ends with 0 when all is well. `user` "" leaves the image's own.
    """

    name: str
    image: str
    told: Told = field(repr=False)
    networks: tuple[str, ...]
    probe: tuple[str, ...]
    memory: int
    pids: int
    cpus: float = 2.0
    command: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[str, ...] = ()
    ports: Mapping[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    user: str = ""
    groups: tuple[int, ...] = ()
    security: tuple[str, ...] = ()
    keeps_capabilities: bool = False
    init: bool = False
    once: bool = False
    address: str = ""


def table(
    settings: ContainerSettings,
    images: Mapping[str, str],
    cage: str,
    socket: Path,
    scenario: Path | None = None,
) -> tuple[Container, ...]:
    """All containers in starting order; `images` gives each its image, `cage` is agent-api's way to hold commands.

    `scenario` brings the scripted model in the place of Ollama.
    """
    scripted = () if scenario is None else (_scripted(settings, images, scenario),)
    ollama = (_ollama(settings, images),) if settings.own_ollama and not scripted else ()
    return (
        _db(settings, images),
        *scripted,
        *ollama,
        _agent_api(settings, images, cage),
        _main_api(settings, images, scripted=scenario is not None),
        _orchestrator(settings, images),
        _stack(settings, images, socket),
        *(() if settings.skip_https else (_caddy(settings, images),)),
    )


def migrations(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    """Runs once, before the processes, and ends."""
    return Container(
        "migrations", images["orchestrator"], told.orchestrator(settings), networks=(DATA,), probe=(),
        command=("python", "-m", "services.stack.migrations"), mounts=_data(settings), tmpfs=_hidden(settings),
        user=_user(settings), memory=512 * MEGABYTE, pids=128, once=True,
    )  # fmt: skip


def _db(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    password = str(settings.private / "db-password")
    environment = {"POSTGRES_USER": "wfhub", "POSTGRES_DB": "wfhub", "POSTGRES_PASSWORD_FILE": "/run/wfhub/password"}
    return Container(
        "db", images["db"], Told(environment | {"PGDATA": "/var/lib/postgresql/data/cluster"}, {}), networks=(DATA,),
        # Over TCP: while it is made, it answers on its own socket only.
        probe=("pg_isready", "--quiet", "--host=127.0.0.1", "--username=wfhub", "--dbname=wfhub"),
        mounts=(Mount(f"wfhub-{settings.key}-db", "/var/lib/postgresql/data"),
                Mount(password, "/run/wfhub/password", read_only=True)),
        ports={5432: (settings.ports["DB_PORT"], "DB_PORT")}, memory=1024 * MEGABYTE, pids=256,
        keeps_capabilities=True,
    )  # fmt: skip


def _ollama(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    return Container(
        "ollama", images["ollama"], told.ollama(settings),
        networks=(MODELS,), probe=("ollama", "ls"), mounts=(Mount(OLLAMA_VOLUME, "/models"),),
        ports={11434: (settings.ports["OLLAMA_PORT"], "OLLAMA_PORT")}, memory=0, cpus=0, pids=1024,
    )  # fmt: skip


def _scripted(settings: ContainerSettings, images: Mapping[str, str], scenario: Path) -> Container:
    port = told.SCRIPTED_PORT
    return Container(
        "scripted-model", images["main-api"], Told({"WFHUB_HOME": str(settings.home)}, {}), networks=(MODELS,),
        probe=(*PROBE, "http", str(port)),
        command=("python", "-m", "services.models.scripted", "--host", "0.0.0.0", "--port", str(port),
                 "--scenario", f"/scenario/{scenario.name}",
                 "--count-file", str(settings.home / "run" / "scripted-requests.jsonl")),
        mounts=(Mount(str(scenario.absolute().parent), "/scenario", read_only=True),
                Mount(str(settings.home / "run"), str(settings.home / "run"))),
        user=_user(settings), memory=256 * MEGABYTE, pids=64,
    )  # fmt: skip


def _agent_api(settings: ContainerSettings, images: Mapping[str, str], cage: str) -> Container:
    """Of the hub's data it sees the repositories and their worktrees, and a folder of its own for the rest."""
    home, workspaces = str(settings.home), str(settings.stack.workspaces)
    shared = [Mount(f"{home}/{name}", f"{home}/{name}") for name in ("repos", "worktrees")]
    return Container(
        "agent-api", images["agent-api"], told.agent_api(settings, cage), networks=(AGENTS,),
        probe=(*PROBE, "http", str(told.AGENT_PORT)),
        mounts=(Mount(f"{home}/agent", home), *shared, Mount(workspaces, workspaces)),
        user=_user(settings), memory=4096 * MEGABYTE, pids=2048, init=True,
        security=OPENED if cage == "bubblewrap" else (_agent_seccomp(settings),), address=settings.stack.agent_api_url,
    )  # fmt: skip


def _agent_seccomp(settings: ContainerSettings) -> str:
    """The profile that lets the cage have namespaces of its own; the engine wants its text."""
    profile = json.loads((settings.source / "docker" / "agent-seccomp.json").read_text(encoding="utf-8"))
    return f"seccomp={json.dumps(profile)}"


def _main_api(settings: ContainerSettings, images: Mapping[str, str], *, scripted: bool) -> Container:
    stack = settings.stack
    return Container(
        "main-api", images["main-api"], told.main_api(settings, scripted),
        networks=(EDGE, AGENTS, DATA, CONTROL, MODELS), probe=(*PROBE, "http", str(told.MAIN_PORT)),
        mounts=_data(settings), tmpfs=_hidden(settings), user=_user(settings), memory=1024 * MEGABYTE, pids=256,
        # agent-api's network has no way to the host: main-api holds the door for it.
        ports={told.MAIN_PORT: (stack.main_api_port, "MAIN_API_PORT"),
               told.AGENT_PORT: (stack.agent_api_port, "AGENT_API_PORT")},
        address=stack.main_api_url,
    )  # fmt: skip


def _orchestrator(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    beat = str(settings.home / "run" / "orchestrator.health")
    return Container(
        "orchestrator", images["orchestrator"], told.orchestrator(settings), networks=(AGENTS, DATA),
        probe=(*PROBE, "beat", beat, "10"), mounts=_data(settings), tmpfs=_hidden(settings), user=_user(settings),
        memory=1024 * MEGABYTE, pids=256,
    )  # fmt: skip


def _stack(settings: ContainerSettings, images: Mapping[str, str], socket: Path) -> Container:
    """The only one with the engine's socket; the group of the socket lets an ordinary user use it."""
    environment = {"HUB_HOME": str(settings.home), "STACK_API_PORT": str(told.STACK_PORT)}
    secrets = {"STACK_API_TOKEN": told.kept_secret(settings, "stack-api")}
    return Container(
        "stack", images["stack"], Told(environment, secrets), networks=(CONTROL,),
        probe=(*PROBE, "http", str(told.STACK_PORT)),
        mounts=(Mount(str(socket), "/var/run/docker.sock"),), groups=(socket.stat().st_gid,),
        user=_user(settings), memory=256 * MEGABYTE, pids=64,
    )  # fmt: skip


def _caddy(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    https, http = settings.ports["HTTPS_PORT"], settings.ports["HTTP_PORT"]
    own = settings.private / "caddy"
    environment = {
        "HTTPS_PORT": str(https), "HTTP_PORT": str(http), "HUB_DOMAIN": DOMAIN,
        "MAIN_API": f"main-api:{told.MAIN_PORT}", "XDG_DATA_HOME": "/data",
        "XDG_CONFIG_HOME": "/config", "HOME": "/config",
    }  # fmt: skip
    return Container(
        "caddy", images["caddy"], Told(environment, {}), networks=(EDGE,),
        probe=(), command=("caddy", "run", "--config", "/etc/caddy/Caddyfile"),
        mounts=(Mount(str(settings.source / "Caddyfile"), "/etc/caddy/Caddyfile", read_only=True),
                Mount(str(own / "data"), "/data"), Mount(str(own / "config"), "/config")),
        ports={https: (https, "HTTPS_PORT"), http: (http, "HTTP_PORT")},
        user=_user(settings), memory=256 * MEGABYTE, pids=128, address=settings.address,
    )  # fmt: skip


def _data(settings: ContainerSettings) -> tuple[Mount, ...]:
    """The hub's data and the workspaces, at the very paths they have on this machine: git knows worktrees by path."""
    return tuple(Mount(str(path), str(path)) for path in (settings.home, settings.stack.workspaces))


def _hidden(settings: ContainerSettings) -> tuple[str, ...]:
    """An empty folder over the other containers' secrets."""
    return (str(settings.private),)


def _user(settings: ContainerSettings) -> str:
    return f"{settings.uid}:{settings.gid}"
