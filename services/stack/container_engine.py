"""What is asked of the engine: networks, containers, their health and last words, of one hub by its label."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container as Running
from docker.types import LogConfig

from services.stack.container_settings import ContainerSettings
from services.stack.container_table import INTERNAL, SECRETS_AT, Container
from services.stack.errors import EngineFailed, PortTaken

HOME, SERVICE, SPEC = "dev.workflow-hub.home", "dev.workflow-hub.service", "dev.workflow-hub.spec"
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
    have = {str(network.name) for network in client.networks.list(filters={"label": f"{HOME}={settings.home}"})}
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


def remove_networks(client: DockerClient, settings: ContainerSettings) -> None:
    for network in client.networks.list(filters={"label": f"{HOME}={settings.home}"}):
        network.remove()


def spec_of(client: DockerClient, container: Container) -> str:
    """Changes when the container has to be made anew: another image, setting, secret, mount or limit."""
    image = client.images.get(container.image).id
    told = (sorted(container.told.environment.items()), sorted(container.told.secrets.items()))
    return hashlib.sha256(f"{image}{container!r}{told!r}".encode()).hexdigest()[:16]


def create(client: DockerClient, settings: ContainerSettings, container: Container, secrets: str | None) -> Running:
    """Made and attached to its networks, not started. `secrets` is the host's file with its secrets."""
    mounts = {mount.source: {"bind": mount.target, "mode": "ro" if mount.read_only else "rw"}
              for mount in container.mounts}  # fmt: skip
    if secrets is not None:
        mounts[secrets] = {"bind": SECRETS_AT, "mode": "ro"}
    first, *others = (container_name(settings, name) for name in container.networks)
    options: dict[str, Any] = {
        "cap_drop": None if container.keeps_capabilities else ["ALL"],
        "security_opt": [*container.security, *([] if container.keeps_capabilities else ["no-new-privileges:true"])],
        "nano_cpus": int(min(container.cpus, client.info()["NCPU"]) * SECOND) or None,
        "mem_limit": container.memory or None,
        "healthcheck": _healthcheck(container.probe),
        "user": container.user or None,
        "group_add": list(container.groups) or None,
        "restart_policy": {"Name": "no" if container.once else "unless-stopped"},
        "tmpfs": dict.fromkeys(container.tmpfs, "size=1m,mode=0755"),
    }
    made = client.containers.create(
        container.image,
        list(container.command) or None,
        name=container_name(settings, container.name),
        labels=labels(settings) | {SERVICE: container.name, SPEC: spec_of(client, container)},
        environment=container.told.environment,
        network=first,
        networking_config={first: client.api.create_endpoint_config(aliases=[container.name])},
        ports={f"{inside}/tcp": (LOOPBACK, outside) for inside, (outside, _) in container.ports.items()},
        volumes=mounts,
        pids_limit=container.pids,
        init=container.init,
        log_config=LogConfig(type="json-file", config={"max-size": "10m", "max-file": "3"}),
        **{name: value for name, value in options.items() if value is not None},
    )
    for network in others:
        client.networks.get(network).connect(made, aliases=[container.name])
    return made


def start(made: Running, container: Container) -> None:
    """Raises PortTaken or EngineFailed."""
    try:
        made.start()
    except APIError as error:
        text = str(error.explanation or error)
        if re.search(r"already (allocated|in use)", text):
            raise port_taken(container, text) from error
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


def _healthcheck(probe: tuple[str, ...]) -> dict[str, Any] | None:
    if not probe:
        return None
    return {"test": ["CMD", *probe], "interval": 15 * SECOND, "timeout": 5 * SECOND, "retries": 3,
            "start_period": 60 * SECOND}  # fmt: skip
