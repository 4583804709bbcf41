"""The hub's containers: what each is made of, where it may reach, what it sees of the disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.stack import container_environments as told
from services.stack.container import SCRATCH, Container, Mount
from services.stack.container_environments import Told
from services.stack.container_settings import DOMAIN, ContainerSettings

EDGE, AGENTS, DATA, CONTROL, MODELS = "edge", "agents", "data", "control", "models"
# Internal ones have no way out. Their bridge gets no address on the host either, where the engine can do without.
INTERNAL = (AGENTS, CONTROL)
OLLAMA_VOLUME = "wfhub_ollama_data"  # shared by all hubs: models are large
PROBE = ("python", "/app/docker/probe.py")
MEGABYTE = 2**20
SCENARIO_AT = "/scenario"
SECRETS_AT = "/run/wfhub/secrets.env"
# bubblewrap builds a whole new view of the machine, /proc included, which Docker's walls would forbid.
OPENED = ("seccomp=unconfined", "systempaths=unconfined", "apparmor=unconfined")
# As root it makes its folder, gives it to the user postgres and becomes that user.
OF_POSTGRES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
TMP = {"/tmp": SCRATCH}
THIS_MACHINE = {"host.docker.internal": "host-gateway"}


@dataclass(frozen=True)
class Place:
    """What the table depends on besides the settings: each container's image, agent-api's way to hold commands, the
    engine's socket, whether Ollama gets the graphics card, and the file that a scripted model plays in its place."""

    images: Mapping[str, str]
    cage: str
    socket: Path
    gpu: bool = False
    scenario: Path | None = None


def table(settings: ContainerSettings, place: Place) -> tuple[Container, ...]:
    """All containers in starting order, without the one that runs once before them."""
    scripted = () if place.scenario is None else (_scripted(settings, place.images, place.scenario),)
    ollama = (_ollama(settings, place),) if settings.own_ollama and not scripted else ()
    return (
        _db(settings, place.images),
        *scripted,
        *ollama,
        *(_agent_api(settings, place, number) for number in range(1, settings.agents + 1)),
        _main_api(settings, place.images, scripted=bool(scripted)),
        *(_orchestrator(settings, place.images, number) for number in range(1, settings.orchestrators + 1)),
        _stack(settings, place),
        *(() if settings.skip_https else (_caddy(settings, place.images),)),
    )


def migrations(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    """Runs once, before the processes, and ends."""
    return Container(
        "migrations", images["orchestrator"], told.orchestrator(settings), networks=(DATA,), probe=(),
        command=("python", "-m", "services.stack.migrations"), mounts=_data(settings), tmpfs=_hidden(settings),
        user=_user(settings), memory=512 * MEGABYTE, cpus=settings.cpus, pids=128, once=True,
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
        tmpfs=TMP | {"/var/run/postgresql": "mode=3775,size=1m"}, keeps=OF_POSTGRES,
        ports={5432: (settings.ports["DB_PORT"], "DB_PORT")}, memory=settings.memory("db"), cpus=settings.cpus,
        pids=256,
    )  # fmt: skip


def _ollama(settings: ContainerSettings, place: Place) -> Container:
    """Another's image, which writes where it likes: its root file system is not read-only."""
    return Container(
        "ollama", place.images["ollama"], told.ollama(settings),
        networks=(MODELS,), probe=("ollama", "ls"), mounts=(Mount(OLLAMA_VOLUME, "/models"),), writable=True,
        ports={11434: (settings.ports["OLLAMA_PORT"], "OLLAMA_PORT")}, memory=settings.memory("ollama"), cpus=0,
        pids=1024, gpu=place.gpu,
    )  # fmt: skip


def _scripted(settings: ContainerSettings, images: Mapping[str, str], scenario: Path) -> Container:
    port = told.SCRIPTED_PORT
    return Container(
        "scripted-model", images["main-api"], Told({"WFHUB_HOME": str(settings.home)}, {}), networks=(MODELS,),
        probe=(*PROBE, "http", str(port)),
        command=("python", "-m", "services.models.scripted", "--host", "0.0.0.0", "--port", str(port),
                 "--scenario", f"{SCENARIO_AT}/{scenario.name}",
                 "--count-file", str(settings.home / "run" / "scripted-requests.jsonl")),
        mounts=(Mount(str(scenario.absolute().parent), SCENARIO_AT, read_only=True),
                Mount(str(settings.home / "run"), str(settings.home / "run")), *_code(settings)),
        tmpfs=TMP, user=_user(settings), memory=256 * MEGABYTE, cpus=settings.cpus, pids=64,
    )  # fmt: skip


def _agent_api(settings: ContainerSettings, place: Place, number: int) -> Container:
    """Of the hub's data it sees the repositories and their worktrees, and a folder of its own for the rest."""
    home, workspaces = str(settings.home), str(settings.stack.workspaces)
    shared = [Mount(f"{home}/{name}", f"{home}/{name}") for name in ("repos", "worktrees")]
    return Container(
        told.numbered("agent-api", number), place.images["agent-api"], told.agent_api(settings, place.cage, number),
        service="agent-api", networks=(AGENTS,), probe=(*PROBE, "http", str(told.AGENT_PORT)),
        mounts=(Mount(f"{home}/{told.numbered('agent', number)}", home), *shared, Mount(workspaces, workspaces),
                *_code(settings)),
        scratch=("/tmp",),
        user=_user(settings), memory=settings.memory("agent-api"), cpus=settings.cpus, pids=2048, init=True,
        security=OPENED if place.cage == "bubblewrap" else (_agent_seccomp(settings),),
        address=settings.stack.agent_api_url if number == 1 else "",
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
        mounts=(*_data(settings), *_code(settings)), tmpfs=TMP | _hidden(settings), user=_user(settings),
        memory=settings.memory("main-api"), cpus=settings.cpus, pids=256, hosts=THIS_MACHINE,
        # agent-api's network has no way to the host: main-api holds the door for it.
        ports={told.MAIN_PORT: (stack.main_api_port, "MAIN_API_PORT"),
               told.AGENT_PORT: (stack.agent_api_port, "AGENT_API_PORT")},
        address=stack.main_api_url,
    )  # fmt: skip


def _orchestrator(settings: ContainerSettings, images: Mapping[str, str], number: int) -> Container:
    name = told.numbered("orchestrator", number)
    beat = str(settings.home / "run" / f"{name}.health")
    return Container(
        name, images["orchestrator"], told.orchestrator(settings, number), service="orchestrator",
        networks=(AGENTS, DATA), probe=(*PROBE, "beat", beat, "10"), mounts=(*_data(settings), *_code(settings)),
        tmpfs=TMP | _hidden(settings), user=_user(settings), memory=settings.memory("orchestrator"),
        cpus=settings.cpus, pids=256,
    )  # fmt: skip


def _stack(settings: ContainerSettings, place: Place) -> Container:
    """The only one with the engine's socket; the group of the socket lets an ordinary user use it."""
    return Container(
        "stack", place.images["stack"], told.stack(settings), networks=(CONTROL,),
        probe=(*PROBE, "http", str(told.STACK_PORT)),
        mounts=(Mount(str(place.socket), "/var/run/docker.sock"), *_code(settings)),
        groups=(place.socket.stat().st_gid,), tmpfs=TMP,
        user=_user(settings), memory=settings.memory("stack"), cpus=settings.cpus, pids=64,
    )  # fmt: skip


def _caddy(settings: ContainerSettings, images: Mapping[str, str]) -> Container:
    https, http = settings.ports["HTTPS_PORT"], settings.ports["HTTP_PORT"]
    own = settings.private / "caddy"
    return Container(
        "caddy", images["caddy"], told.caddy(settings), networks=(EDGE,),
        # Its own certificate is nobody's in there: who trusts it is asked from outside (https_health.py).
        probe=("wget", "-q", "-O", "/dev/null", "--no-check-certificate", f"https://{DOMAIN}:{https}/health"),
        command=("caddy", "run", "--config", "/etc/caddy/Caddyfile"),
        mounts=(Mount(str(settings.source / "Caddyfile"), "/etc/caddy/Caddyfile", read_only=True),
                Mount(str(own / "data"), "/data"), Mount(str(own / "config"), "/config")),
        tmpfs=TMP, ports={https: (https, "HTTPS_PORT"), http: (http, "HTTP_PORT")}, hosts={DOMAIN: "127.0.0.1"},
        # Its program asks for it by an attribute of the file, and does not run at all where it can't be had.
        keeps=("NET_BIND_SERVICE",), user=_user(settings), memory=settings.memory("caddy"), cpus=settings.cpus,
        pids=128, address=settings.address,
    )  # fmt: skip


def _data(settings: ContainerSettings) -> tuple[Mount, ...]:
    """The hub's data and the workspaces, at the very paths they have on this machine: git knows worktrees by path."""
    return tuple(Mount(str(path), str(path)) for path in (settings.home, settings.stack.workspaces))


def _code(settings: ContainerSettings) -> tuple[Mount, ...]:
    """In development the checkout's code lies over the image's own; `wf restart` takes a change up."""
    if not settings.development:
        return ()
    folders = ("services", "main-api", "agent-api", "alembic", "docker", "static/dist")
    return tuple(
        Mount(str(settings.source / name), f"/app/{name}", read_only=True)
        for name in folders
        if (settings.source / name).is_dir()
    )


def _hidden(settings: ContainerSettings) -> dict[str, str]:
    """An empty folder over the other containers' secrets."""
    return {str(settings.private): "mode=0755,size=1m"}


def _user(settings: ContainerSettings) -> str:
    return f"{settings.uid}:{settings.gid}"
