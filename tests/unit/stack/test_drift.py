"""Each way in which a container can differ from the table is seen and named; one that does not differ is left alone."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker import DockerClient

from services.stack import container_engine as engine
from services.stack.container import Container, Mount
from services.stack.container_environments import Told
from services.stack.container_settings import ContainerSettings
from services.stack.drift import differences
from services.stack.settings import StackSettings

WANTED = Container(
    "main-api", "wfhub/main-api:1", Told({"LOG_LEVEL": "info", "HOME": "/data"}, {"WFHUB_TOKEN": "secret"}),
    networks=("edge", "data"), probe=("python", "probe.py"), memory=2**30, pids=256, cpus=2.0,
    mounts=(Mount("/srv/hub", "/srv/hub"), Mount("wfhub-db", "/data", read_only=True)), tmpfs={"/tmp": "size=1m"},
    scratch=("/scratch",), ports={8002: (18002, "MAIN_API_PORT")}, user="1000:1000", groups=(999,),
    security=('seccomp={"defaultAction": "SCMP_ACT_ALLOW"}',), keeps=("NET_BIND_SERVICE",), init=True,
    hosts={"host.docker.internal": "host-gateway"},
)  # fmt: skip
SECRETS = "/srv/private/main-api.env"
IMAGE = {"Env": ["PATH=/opt/main/bin", "HOME=/tmp"], "Cmd": ["python", "-m", "main_api.app"]}


class Engine:
    def __init__(self) -> None:
        self.images = SimpleNamespace(get=lambda name: SimpleNamespace(id="sha256:1", attrs={"Config": IMAGE}))

    def info(self) -> dict[str, int]:
        return {"NCPU": 8}


@pytest.fixture
def settings(tmp_path: Path) -> ContainerSettings:
    return ContainerSettings.load(StackSettings.load(tmp_path, {}))


@pytest.fixture
def told(settings: ContainerSettings) -> dict[str, Any]:
    """What an engine tells of a container that is as it should be."""
    names = [engine.container_name(settings, name) for name in WANTED.networks]
    return {
        "Image": "sha256:1",
        "Config": {
            "Env": ["LOG_LEVEL=info", "HOME=/data", "PATH=/opt/main/bin"], "User": "1000:1000", "Cmd": IMAGE["Cmd"],
            "Healthcheck": {"Test": ["CMD", "python", "probe.py"]},
            "Labels": {engine.SECRETS: engine.secrets_of(WANTED)},
        },
        "Mounts": [
            {"Type": "bind", "Source": "/srv/hub", "Destination": "/srv/hub", "RW": True},
            {"Type": "volume", "Name": "wfhub-db", "Source": "/var/lib/docker/x", "Destination": "/data", "RW": False},
            {"Type": "volume", "Name": "5f0e", "Source": "/var/lib/docker/y", "Destination": "/scratch", "RW": True},
            {"Type": "bind", "Source": SECRETS, "Destination": "/run/wfhub/secrets.env", "RW": False},
        ],
        "NetworkSettings": {"Networks": {name: {} for name in names}},
        "HostConfig": {
            "Memory": 2**30, "PidsLimit": 256, "NanoCpus": 2 * 10**9, "DeviceRequests": None, "ReadonlyRootfs": True,
            "Privileged": False, "CapDrop": ["ALL"], "CapAdd": ["CAP_NET_BIND_SERVICE"], "GroupAdd": ["999"],
            "SecurityOpt": ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', "no-new-privileges:true"],
            "Tmpfs": {"/tmp": "size=1m"}, "Init": True, "RestartPolicy": {"Name": "unless-stopped"},
            "PortBindings": {"8002/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18002"}]},
            "ExtraHosts": ["host.docker.internal:host-gateway"],
        },
    }  # fmt: skip


def seen(settings: ContainerSettings, told: dict[str, Any]) -> list[str]:
    there = SimpleNamespace(attrs=told, labels=told["Config"]["Labels"])
    return differences(Engine(), settings, WANTED, there, SECRETS)  # type: ignore[arg-type]


def test_one_that_is_as_it_should_be(settings: ContainerSettings, told: dict[str, Any]) -> None:
    assert seen(settings, told) == []
    del told["Config"]["Labels"][engine.SECRETS]  # made by hand: nobody knows which secrets it read
    assert seen(settings, told) == []


def put(*path: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(told: dict[str, Any]) -> None:
        for name in path[:-1]:
            told = told[name]
        told[path[-1]] = to

    return change


HOST, CONFIG = "HostConfig", "Config"
CHANGES = {
    "its image is another": put("Image", to="sha256:2"),
    "its settings differ: LOG_LEVEL": put(CONFIG, "Env", to=["LOG_LEVEL=debug", "HOME=/data", "PATH=/opt/main/bin"]),
    "its settings differ: HOME, LOG_LEVEL": put(CONFIG, "Env", to=["HOME=/tmp", "PATH=/opt/main/bin"]),
    "its settings differ: MORE": put(CONFIG, "Env", to=["LOG_LEVEL=info", "HOME=/data", "MORE=1"]),
    "a secret of it changed": put(CONFIG, "Labels", engine.SECRETS, to="another"),
    "its mounts differ: /data, /run/wfhub/secrets.env, /scratch2, /srv/hub": put(
        "Mounts", to=[{"Type": "bind", "Source": "/", "Destination": "/scratch2", "RW": True}]
    ),
    "its folders in memory differ": put(HOST, "Tmpfs", to={}),
    "its memory limit is none, not 1073741824": put(HOST, "Memory", to=0),
    "it may have any number of processes, not 256": put(HOST, "PidsLimit", to=None),
    "its share of the processors differs": put(HOST, "NanoCpus", to=0),
    "its access to the graphics card differs": put(HOST, "DeviceRequests", to=[{"Count": -1}]),
    "its networks are none": put("NetworkSettings", "Networks", to={}),
    "its root file system is writable": put(HOST, "ReadonlyRootfs", to=False),
    "it runs as another user": put(CONFIG, "User", to=""),
    "its capabilities differ": put(HOST, "Privileged", to=True),
    "its capabilities differ ": put(HOST, "CapDrop", to=None),
    "its security options differ": put(HOST, "SecurityOpt", to=["seccomp=unconfined", "no-new-privileges:true"]),
    "its security options differ ": put(HOST, "SecurityOpt", to=['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']),
    "its groups differ": put(HOST, "GroupAdd", to=None),
    "its ports differ": put(HOST, "PortBindings", to={"8002/tcp": [{"HostIp": "0.0.0.0", "HostPort": "18002"}]}),
    "its command differs": put(CONFIG, "Cmd", to=["sh"]),
    "its health check differs": put(CONFIG, "Healthcheck", to=None),
    "it is not started again by itself as it should": put(HOST, "RestartPolicy", to={"Name": "no"}),
    "its first process differs": put(HOST, "Init", to=None),
    "the names it knows differ": put(HOST, "ExtraHosts", to=None),
}


@pytest.mark.parametrize("said", CHANGES)
def test_each_difference_is_named(settings: ContainerSettings, told: dict[str, Any], said: str) -> None:
    changed = copy.deepcopy(told)
    CHANGES[said](changed)
    assert seen(settings, changed) == [said.strip()]
    assert not any("secret" in line and "WFHUB" in line for line in seen(settings, changed))


def test_a_proxy_that_dockers_own_programs_are_told_is_no_difference(
    settings: ContainerSettings, told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxies = {"proxies": {"default": {"httpsProxy": "http://proxy.example:3128", "noProxy": "localhost"}}}
    (tmp_path / "config.json").write_text(json.dumps(proxies), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    asked: list[dict[str, Any]] = []
    client = DockerClient(base_url="tcp://127.0.0.1:9", version="1.41")
    monkeypatch.setattr(client.api, "create_container_from_config", lambda *of: asked.append(of[0]) or {"Id": "1"})
    monkeypatch.setattr(client.api, "inspect_container", lambda name: {"Id": name})
    monkeypatch.setattr(client.api, "info", lambda: {"NCPU": 8})
    engine.create(client, settings, replace(WANTED, networks=("edge",)), SECRETS)
    client.close()
    told["Config"]["Env"] = [*asked[0]["Env"], "PATH=/opt/main/bin"]
    assert seen(settings, told) == []
