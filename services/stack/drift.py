"""What tells a container that is there from what the table says it should be, in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docker import DockerClient
from docker.models.containers import Container as Running

from services.stack import container_engine as engine
from services.stack.container import Container
from services.stack.container_settings import ContainerSettings

Facts = Mapping[str, Any]


def differences(
    client: DockerClient, settings: ContainerSettings, wanted: Container, there: Running, secrets: str | None
) -> list[str]:
    """Empty when it is as it should be, whoever made it. Names of settings are told, their values never.

    `secrets` is the file that its secrets are in.
    """
    facts, host = there.attrs, there.attrs["HostConfig"]
    image = client.images.get(wanted.image)
    return [
        *(["its image is another"] if facts["Image"] != image.id else []),
        *_environment(wanted, facts["Config"]["Env"] or [], image.attrs["Config"]["Env"] or []),
        *_secrets(wanted, there),
        *_mounts(wanted, facts, secrets),
        *_limits(wanted, host, engine.cpus_of(client, wanted)),
        *_networks(settings, wanted, facts["NetworkSettings"]["Networks"] or {}),
        *_rights(wanted, facts, host),
        *_ports(wanted, host),
        *_running(wanted, facts, host, image.attrs["Config"]["Cmd"]),
    ]


def _environment(wanted: Container, has: list[str], of_image: list[str]) -> Iterator[str]:
    given = _split(line for line in has if line not in of_image)
    inherited = _split(of_image)
    should = {name: value for name, value in wanted.told.environment.items() if inherited.get(name) != value}
    changed = sorted(name for name in given.keys() | should.keys() if given.get(name) != should.get(name))
    if changed:
        yield f"its settings differ: {', '.join(changed)}"


def _split(lines: Iterable[str]) -> dict[str, str]:
    parts = (line.partition("=") for line in lines)
    return {name: value for name, _, value in parts}


def _secrets(wanted: Container, there: Running) -> Iterator[str]:
    if there.labels.get(engine.SECRETS, "") not in ("", engine.secrets_of(wanted)):
        yield "a secret of it changed"


def _mounts(wanted: Container, facts: Facts, secrets: str | None) -> Iterator[str]:
    has = {
        str(mount["Destination"]): (str(mount.get("Name") or mount["Source"]), bool(mount["RW"]))
        for mount in facts["Mounts"]
        if mount["Destination"] not in wanted.scratch and mount["Type"] != "tmpfs"
    }
    should = {
        target: (bind["source"], bind["mode"] == "rw") for target, bind in engine.binds_of(wanted, secrets).items()
    }
    if changed := sorted(path for path in has.keys() | should.keys() if has.get(path) != should.get(path)):
        yield f"its mounts differ: {', '.join(changed)}"
    if (facts["HostConfig"].get("Tmpfs") or {}) != dict(wanted.tmpfs):
        yield "its folders in memory differ"


def _limits(wanted: Container, host: Facts, cpus: int) -> Iterator[str]:
    if (host["Memory"] or 0) != wanted.memory:
        yield f"its memory limit is {host['Memory'] or 'none'}, not {wanted.memory or 'none'}"
    if (host["PidsLimit"] or 0) != wanted.pids:
        yield f"it may have {host['PidsLimit'] or 'any number of'} processes, not {wanted.pids}"
    if (host["NanoCpus"] or 0) != cpus:
        yield "its share of the processors differs"
    if bool(host.get("DeviceRequests")) != wanted.gpu:
        yield "its access to the graphics card differs"


def _networks(settings: ContainerSettings, wanted: Container, has: Mapping[str, Any]) -> Iterator[str]:
    should = {engine.container_name(settings, name) for name in wanted.networks}
    if set(has) != should:
        yield f"its networks are {', '.join(sorted(has)) or 'none'}"


def _rights(wanted: Container, facts: Facts, host: Facts) -> Iterator[str]:
    if host["ReadonlyRootfs"] == wanted.writable:
        yield "its root file system is writable" if wanted.writable is False else "its root file system is read-only"
    if wanted.user and facts["Config"]["User"] != wanted.user:
        yield "it runs as another user"
    if host["Privileged"] or _bare(host["CapDrop"]) != {"ALL"} or _bare(host["CapAdd"]) != set(wanted.keeps):
        yield "its capabilities differ"
    # A profile is kept as its text, which may be written in other ways.
    kinds = {_option(option) for option in host["SecurityOpt"] or ()}
    if kinds != {_option(option) for option in engine.security_of(wanted)}:
        yield "its security options differ"
    if set(host["GroupAdd"] or ()) != {str(group) for group in wanted.groups}:
        yield "its groups differ"


def _option(option: str) -> str:
    name, found, value = option.replace(":", "=", 1).partition("=") if "{" not in option else ("seccomp", "=", "{")
    return f"{name}={value[:12] if found else 'true'}"


def _bare(capabilities: list[str] | None) -> set[str]:
    return {name.removeprefix("CAP_") for name in capabilities or ()}


def _ports(wanted: Container, host: Facts) -> Iterator[str]:
    has = {
        (int(inside.partition("/")[0]), binding["HostIp"], binding["HostPort"])
        for inside, bound in (host["PortBindings"] or {}).items()
        for binding in bound or ()
    }
    if has != {(inside, engine.LOOPBACK, str(port)) for inside, (port, _) in wanted.ports.items()}:
        yield "its ports differ"


def _running(wanted: Container, facts: Facts, host: Facts, of_image: list[str] | None) -> Iterator[str]:
    if (facts["Config"]["Cmd"] or []) != (list(wanted.command) or of_image or []):
        yield "its command differs"
    test = (facts["Config"].get("Healthcheck") or {}).get("Test") or []
    if wanted.probe and test[1:] != list(wanted.probe):
        yield "its health check differs"
    if host["RestartPolicy"]["Name"] != engine.restart_of(wanted):
        yield "it is not started again by itself as it should"
    if bool(host.get("Init")) != wanted.init:
        yield "its first process differs"
    if {f"{name}:{address}" for name, address in wanted.hosts.items()} != set(host["ExtraHosts"] or ()):
        yield "the names it knows differ"
