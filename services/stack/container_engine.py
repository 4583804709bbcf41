"""What is asked of the engine: networks, containers, their health and last words, of one hub by its label."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container as Running
from docker.models.networks import Network
from docker.types import DeviceRequest, LogConfig

from services.stack.container import Container
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import INTERNAL, SECRETS_AT
from services.stack.errors import EngineFailed, PortTaken

HOME, SERVICE, SECRETS = "dev.workflow-hub.home", "dev.workflow-hub.service", "dev.workflow-hub.secrets"
LOG_KEPT = {"max-size": "10m", "max-file": "3"}
SECOND = 10**9
LOOPBACK = "127.0.0.1"
# Without an address on the host an internal network leads nowhere at all; older engines do not know the second option.
NO_HOST = {
    "com.docker.network.bridge.inhibit_ipv4": "true",
    "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
}


def labels(settings: ContainerSettings) -> dict[str, str]:
    return {HOME: str(settings.home)}


def container_name(settings: ContainerSettings, service: str) -> str:
    return f"wfhub-{settings.key}-{service}"


def running(client: DockerClient, settings: ContainerSettings) -> dict[str, Running]:
    """This hub's containers by service, ended ones too."""
    found = client.containers.list(all=True, filters={"label": f"{HOME}={settings.home}"}, ignore_removed=True)
    return {str(one.labels.get(SERVICE)): one for one in cast(list[Running], found)}


def ensure_networks(client: DockerClient, settings: ContainerSettings, names: set[str]) -> None:
    have = {str(network.name) for network in _networks(client, settings)}
    for name in sorted(names):
        full = container_name(settings, name)
        if full not in have:
            inside = name in INTERNAL
            client.networks.create(
                full, driver="bridge", internal=inside, labels=labels(settings), options=NO_HOST if inside else None
            )


def ensure_volumes(client: DockerClient, settings: ContainerSettings, names: set[str]) -> None:
    """Those that are named after this hub; a shared one belongs to no hub and is made by its first user."""
    for name in names:
        if name.startswith(container_name(settings, "")):
            client.volumes.create(name, labels=labels(settings))


def wrong_networks(client: DockerClient, settings: ContainerSettings, names: set[str]) -> set[str]:
    """Those that are there and lead out where they should not, or the other way round."""
    there = {str(network.name): network for network in _networks(client, settings)}
    return {
        name
        for name in names
        if (network := there.get(container_name(settings, name))) is not None
        and bool(network.attrs["Internal"]) != (name in INTERNAL)
    }


def remove_networks(client: DockerClient, settings: ContainerSettings, names: set[str] | None = None) -> None:
    """All of this hub, or those that are named."""
    full = None if names is None else {container_name(settings, name) for name in names}
    for network in _networks(client, settings):
        if full is None or network.name in full:
            network.remove()


def _networks(client: DockerClient, settings: ContainerSettings) -> list[Network]:
    found = client.networks.list(filters={"label": f"{HOME}={settings.home}"})
    return cast(list[Network], found)


def secrets_of(container: Container) -> str:
    """Changes with any of its secrets, and tells none."""
    told = sorted(container.told.secrets.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def create(client: DockerClient, settings: ContainerSettings, container: Container, secrets: str | None) -> Running:
    """Made and attached to its networks, not started. `secrets` is the host's file with its secrets.

    Raises EngineFailed.
    """
    try:
        made = client.containers.create(container.image, **_options(client, settings, container, secrets))
        for network in container.networks[1:]:
            there = client.networks.get(container_name(settings, network))
            there.connect(made, aliases=[container.name])
    except APIError as error:
        if error.status_code == 409:
            name = container_name(settings, container.name)
            raise EngineFailed(
                f"There is a container {name} that this hub did not make.", f"Take it away: docker rm --force {name}."
            ) from error
        sentence = f"Docker could not make the container of {container.name}: {error.explanation or error}"
        raise EngineFailed(sentence, "Read what it says, then try again.") from error
    return made


def cpus_of(client: DockerClient, container: Container) -> int:
    """Billionths of a processor, no more than the machine has; 0 is no limit."""
    return int(min(container.cpus, client.info()["NCPU"]) * SECOND)


def security_of(container: Container) -> list[str]:
    return [*container.security, "no-new-privileges:true"]


def binds_of(container: Container, secrets: str | None) -> dict[str, dict[str, str]]:
    """By its place inside: host paths and volumes can be mounted twice."""
    mounts = {mount.target: {"source": mount.source, "mode": "ro" if mount.read_only else "rw"}
              for mount in container.mounts}  # fmt: skip
    if secrets is not None:
        mounts[SECRETS_AT] = {"source": secrets, "mode": "ro"}
    return mounts


def _options(
    client: DockerClient, settings: ContainerSettings, container: Container, secrets: str | None
) -> dict[str, Any]:
    first = container_name(settings, container.networks[0])
    options: dict[str, Any] = {
        "command": list(container.command),
        "cap_add": list(container.keeps),
        "nano_cpus": cpus_of(client, container),
        "mem_limit": container.memory,
        "healthcheck": healthcheck(container.probe),
        "user": container.user,
        "group_add": list(container.groups),
        "tmpfs": dict(container.tmpfs),
        "extra_hosts": dict(container.hosts),
        "device_requests": [DeviceRequest(count=-1, capabilities=[["gpu"]])] if container.gpu else [],
        # A folder without a source is a volume of the container's own, and goes with it.
        "volumes": [*_binds(container, secrets), *container.scratch],
    }
    return {name: value for name, value in options.items() if value} | {
        "name": container_name(settings, container.name),
        "labels": labels(settings) | {SERVICE: container.name, SECRETS: secrets_of(container)},
        "environment": container.told.environment,
        "use_config_proxy": False,  # else docker's own settings are added, and the container never is as it should be
        "network": first,
        "networking_config": {first: client.api.create_endpoint_config(aliases=[container.name])},
        "ports": {f"{inside}/tcp": (LOOPBACK, outside) for inside, (outside, _) in container.ports.items()},
        "pids_limit": container.pids,
        "init": container.init,
        "read_only": not container.writable,
        "cap_drop": ["ALL"],
        "security_opt": security_of(container),
        "restart_policy": {"Name": restart_of(container)},
        "log_config": LogConfig(type="json-file", config=LOG_KEPT),
    }


def _binds(container: Container, secrets: str | None) -> list[str]:
    return [f"{bind['source']}:{target}:{bind['mode']}" for target, bind in binds_of(container, secrets).items()]


def restart_of(container: Container) -> str:
    return "no" if container.once else "unless-stopped"


def start(made: Running, container: Container) -> None:
    """Raises PortTaken or EngineFailed."""
    try:
        made.start()
    except APIError as error:
        text = str(error.explanation or error)
        if re.search(r"already (allocated|in use)", text):
            raise port_taken(container, text) from error
        if "could not select device driver" in text:
            raise EngineFailed(
                "Docker can't give Ollama the graphics card: NVIDIA's container toolkit is not set up.",
                "Install nvidia-container-toolkit and restart Docker, or set OLLAMA_GPU=off in .env.",
            ) from error
        raise EngineFailed(
            f"Docker could not start {container.name}: {text}", "Read what it says, then try again."
        ) from error


def port_taken(container: Container, text: str = "") -> PortTaken:
    """Names the port that the engine's words name, else the container's first."""
    port, setting = next(
        ((port, name) for port, name in container.ports.values() if f":{port}" in text),
        next(iter(container.ports.values())),
    )
    return PortTaken(
        f"Another program uses port {port}, which {container.name} needs.",
        f"End that program, or set {setting} in .env to a free port.",
        port=port,
        setting=setting,
    )


def complaint(client: DockerClient, container: Running) -> str:
    """Empty when its own health check passes now, else what is wrong. Does not wait for the engine's next look."""
    state: Mapping[str, Any] = container.attrs["State"]
    if state["Status"] != "running":
        return f"it is {state['Status']}, exit code {state['ExitCode']}"
    test = (container.attrs["Config"].get("Healthcheck") or {}).get("Test") or []
    if not test:
        return ""
    try:
        made = client.api.exec_create(container.id, test[1:])
        said = client.api.exec_start(made["Id"])
        code = client.api.exec_inspect(made["Id"])["ExitCode"]
    except (APIError, NotFound) as error:
        return f"it cannot be asked: {error}"
    if code == 0:
        return ""
    return said.decode(errors="replace").strip().splitlines()[-1] if said.strip() else f"its health check says {code}"


def last_lines(container: Running, count: int) -> list[str]:
    return container.logs(tail=count).decode(errors="replace").splitlines()


def healthcheck(probe: tuple[str, ...]) -> dict[str, Any] | None:
    if not probe:
        return None
    return {"test": ["CMD", *probe], "interval": 15 * SECOND, "timeout": 5 * SECOND, "retries": 3,
            "start_period": 60 * SECOND}  # fmt: skip
