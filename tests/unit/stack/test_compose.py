"""docker/compose.yaml gives what the manager's table says, as Compose itself reads it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.stack import compose
from services.stack import container_engine as engine
from services.stack.container import Container
from services.stack.container_files import prepare_folders, secrets_file
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import INTERNAL, SECRETS_AT, Place, migrations, table
from services.stack.errors import BadSetting
from services.stack.settings import StackSettings

NAMES = ("db", "ollama", "caddy", "main-api", "orchestrator", "stack", "agent-api")
UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}


def program() -> list[str]:
    """Debian's own, which is the old one in Python, or the plug-in of Docker's."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    if os.environ.get("CI"):
        pytest.fail("there is no Compose: apt install docker-compose")
    pytest.skip("there is no Compose: apt install docker-compose")


@pytest.fixture
def settings(tmp_path: Path) -> ContainerSettings:
    root = tmp_path / "a hub"
    root.mkdir()
    given = {
        "WFHUB_TOKEN": "t" * 20 + "0123456789ab", "WFHUB_SECRET_KEY": "k" * 43 + "=", "LOG_LEVEL": "warning",
        "CONTAINER_MEMORY": '{"agent-api": 2147483648}', "CONTAINER_CPUS": "1.5", "HTTPS_PORT": "8443",
        "MODEL_PROVIDERS": '{"lab": "http://10.0.0.7:8080/v1"}', "OPENAI_API_KEY": "sk-$ecret'#",
    }  # fmt: skip
    return ContainerSettings.load(StackSettings.load(root, given))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    socket = tmp_path / "docker.sock"
    socket.touch()
    images = {name: f"wfhub/{name}:0123456789ab" for name in NAMES[3:]}
    others = {"db": "postgres:17-bookworm", "ollama": "ollama/ollama:0.20.0", "caddy": "caddy:2.10"}
    return Place(images | others, "landlock", socket)


def read(settings: ContainerSettings, place: Place, *arguments: str) -> dict[str, Any]:
    file = compose.write(settings, place)
    words = compose.command(settings, place, file)[:-2]
    done = subprocess.run(
        [*program(), *words, "config", *arguments], cwd=settings.home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_every_container_is_as_in_the_table(settings: ContainerSettings, place: Place) -> None:
    told = read(settings, place)
    prepare_folders(settings)
    wanted = {one.name: one for one in (*table(settings, place), migrations(settings, place.images))}
    assert told["services"].keys() == wanted.keys()
    for name, one in wanted.items():
        assert shape(told["services"][name]) == wanted_shape(settings, one), name


def test_networks_and_volumes_are_the_managers(settings: ContainerSettings, place: Place) -> None:
    told = read(settings, place)
    used = {network for one in table(settings, place) for network in one.networks}
    assert told["networks"].keys() == used
    for name, network in told["networks"].items():
        assert network["name"] == engine.container_name(settings, name)
        assert bool(network.get("internal")) == (name in INTERNAL)
        assert network.get("driver_opts", {}) == (engine.NO_HOST if name in INTERNAL else {})
        assert pairs(network["labels"]) == engine.labels(settings)
    assert {volume["name"] for volume in told["volumes"].values()} == {f"wfhub-{settings.key}-db", "wfhub_ollama_data"}


def test_no_secret_is_in_what_compose_shows(settings: ContainerSettings, place: Place) -> None:
    shown = json.dumps(read(settings, place))
    own = settings.stack.environment
    secrets = [own[name] for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "OPENAI_API_KEY")]
    secrets += [(settings.private / name).read_text() for name in ("db-password", "setup-proxy", "stack-api")]
    assert [secret for secret in secrets if secret in shown] == []
    assert own["OPENAI_API_KEY"] in secrets_file(settings, "main-api").read_text()
    files = list((settings.home / "compose").iterdir())
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_without_https_and_with_a_server_of_ones_own(settings: ContainerSettings, place: Place, tmp_path: Path) -> None:
    own = {**settings.stack.environment, "OLLAMA_URL": "http://10.0.0.7:11434"}
    fewer = ContainerSettings.load(StackSettings.load(settings.stack.root, own), skip_https=True)
    file = compose.write(fewer, place)
    words = compose.command(fewer, place, file)[:-2]
    done = subprocess.run(
        [*program(), *words, "config", "--services"], cwd=fewer.home, capture_output=True, text=True, check=False
    )
    shown = set(done.stdout.split())
    assert {"main-api", "db"} <= shown, done.stderr
    profiles = next(line for line in file.read_text().splitlines() if line.startswith("COMPOSE_PROFILES="))
    assert profiles == "COMPOSE_PROFILES="


def test_the_graphics_card(settings: ContainerSettings, place: Place) -> None:
    told = read(settings, Place(place.images, "landlock", place.socket, gpu=True))
    devices = told["services"]["ollama"]["deploy"]["resources"]["reservations"]["devices"]
    assert [device["capabilities"] for device in devices] == [["gpu"]]


@pytest.mark.parametrize(
    ("given", "cage", "said"),
    [
        ({"AGENT_API_COUNT": "2"}, "landlock", "one agent-api"),
        ({}, "bubblewrap", "Landlock"),
        ({"SYSTEM_DOMAIN": "https://hub.example/$x"}, "landlock", "SYSTEM_DOMAIN"),
    ],
)
def test_what_compose_cannot_give_is_said(
    settings: ContainerSettings, place: Place, given: dict[str, str], cage: str, said: str
) -> None:
    own = {**settings.stack.environment, **given}
    other = ContainerSettings.load(StackSettings.load(settings.stack.root, own))
    with pytest.raises(BadSetting, match=said):
        compose.write(other, Place(place.images, cage, place.socket))


def shape(service: dict[str, Any]) -> dict[str, Any]:
    """What Compose understood of a service, in the words of the table."""
    return {
        "image": service["image"],
        "name": service["container_name"],
        "command": service.get("command"),
        "labels": pairs(service["labels"]),
        "environment": pairs(service.get("environment") or {}),
        "networks": {name: tuple(one["aliases"]) for name, one in service["networks"].items()},
        "ports": {port_of(port) for port in service.get("ports", [])},
        "mounts": {mount_of(volume) for volume in service.get("volumes", [])},
        "tmpfs": set(service.get("tmpfs", [])),
        "memory": size_of(service.get("mem_limit", 0)),
        "cpus": float(service.get("cpus") or 0),
        "pids": int(service["pids_limit"]),
        "read_only": service.get("read_only", False),
        "user": service.get("user", ""),
        "drops": service["cap_drop"],
        "keeps": set(service.get("cap_add", [])),
        "groups": {str(group) for group in service.get("group_add", [])},
        "security": {option.partition("=" if "=" in option else ":")[0] for option in service["security_opt"]},
        "probe": service.get("healthcheck", {}).get("test", [None])[1:],
        "hosts": {name.replace("=", ":") for name in hosts_of(service.get("extra_hosts", []))},
        "init": service.get("init", False),
        "restart": service["restart"],
    }


def wanted_shape(settings: ContainerSettings, one: Container) -> dict[str, Any]:
    mounts = {(mount.source, mount.target, mount.read_only) for mount in one.mounts}
    mounts |= {("", target, False) for target in one.scratch}
    if one.told.secrets:
        mounts.add((str(secrets_file(settings, one.name)), SECRETS_AT, True))
    volumes = {f"wfhub-{settings.key}-db": "db", "wfhub_ollama_data": "models"}
    own = {engine.SERVICE: one.name, engine.SECRETS: engine.secrets_of(one)}
    return {
        "image": one.image,
        "name": engine.container_name(settings, one.name),
        "command": list(one.command) or None,
        "labels": engine.labels(settings) | own,
        "environment": one.told.environment,
        "networks": dict.fromkeys(one.networks, (one.name,)),
        "ports": {(inside, outside) for inside, (outside, _) in one.ports.items()},
        "mounts": {(volumes.get(source, source), target, fixed) for source, target, fixed in mounts},
        "tmpfs": {f"{path}:{options}" for path, options in one.tmpfs.items()},
        "memory": one.memory,
        "cpus": one.cpus,
        "pids": one.pids,
        "read_only": not one.writable,
        "user": one.user,
        "drops": ["ALL"],
        "keeps": set(one.keeps),
        "groups": {str(group) for group in one.groups},
        "security": {option.partition("=" if "=" in option else ":")[0] for option in engine.security_of(one)},
        "probe": list(one.probe),
        "hosts": {f"{name}:{address}" for name, address in one.hosts.items()},
        "init": one.init,
        "restart": engine.restart_of(one),
    }


def pairs(told: dict[str, Any] | list[str]) -> dict[str, str]:
    if isinstance(told, list):
        return dict(line.split("=", 1) for line in told)
    return {name: str(value) for name, value in told.items()}


def hosts_of(told: list[str] | dict[str, str]) -> list[str]:
    return [f"{name}:{address}" for name, address in told.items()] if isinstance(told, dict) else told


def port_of(port: str | dict[str, Any]) -> tuple[int, int]:
    if isinstance(port, dict):
        assert port["host_ip"] == "127.0.0.1"
        return int(port["target"]), int(port["published"])
    host, outside, inside = port.split(":")
    assert host == "127.0.0.1"
    return int(inside.partition("/")[0]), int(outside)


def mount_of(volume: str | dict[str, Any]) -> tuple[str, str, bool]:
    if isinstance(volume, dict):
        return volume.get("source", ""), volume["target"], bool(volume.get("read_only"))
    source, _, rest = volume.rpartition(":") if volume.endswith((":ro", ":rw")) else (volume, "", "rw")
    source, _, target = source.rpartition(":")
    return source, target, rest == "ro"


def size_of(text: str | int) -> int:
    text = str(text).lower().removesuffix("b")
    return int(text[:-1]) * UNITS[text[-1]] if text[-1:] in UNITS else int(text)
