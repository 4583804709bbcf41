"""What each container can reach. Every wall is shown to be the wall: with it taken away, the same attempt succeeds."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.container_hub import ContainerHub

CONNECT = "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); print('reached')"


def reaches(hub: ContainerHub, service: str, host: str, port: int) -> bool:
    return "reached" in hub.run_in(service, "python", "-c", CONNECT, host, str(port)).stdout


def reaches_from(hub: ContainerHub, network: str, host: str, port: int) -> bool:
    """The same attempt out of agent-api's image, on another network."""
    image = hub.docker("inspect", "--format", "{{.Config.Image}}", hub.name("agent-api")).strip()
    options = ["--rm", "--network", hub.name(network), "--entrypoint", "python", "--cap-drop", "ALL"]
    return "reached" in hub.docker("run", *options, image, "-c", CONNECT, host, str(port), check=False)


def address(hub: ContainerHub, service: str, network: str) -> str:
    where = f'{{{{(index .NetworkSettings.Networks "{hub.name(network)}").IPAddress}}}}'
    return hub.docker("inspect", "--format", where, hub.name(service)).strip()


def gateway(hub: ContainerHub, network: str) -> str:
    shown = hub.docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", hub.name(network))
    return shown.strip()


@pytest.fixture
def outside() -> Iterator[int]:
    """A server beyond the containers' networks: on every address of this machine, as a neighbour's would be."""
    with serving("0.0.0.0") as port:
        yield port


@contextmanager
def serving(host: str) -> Iterator[int]:
    with socket.create_server((host, 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    server.accept()[0].close()
                except TimeoutError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def test_the_agent_reaches_main_api(hub: ContainerHub) -> None:
    assert reaches(hub, "agent-api", "main-api", 8002)


@pytest.mark.parametrize(
    ("service", "network", "port"),
    [("db", "data", 5432), ("stack", "control", 8005), ("scripted-model", "models", 8003), ("caddy", "edge", 0)],
)
def test_the_agent_reaches_no_other_service(hub: ContainerHub, service: str, network: str, port: int) -> None:
    there = address(hub, service, network)
    port = port or hub.settings.ports["HTTPS_PORT"]
    assert reaches_from(hub, network, there, port)
    assert not reaches(hub, "agent-api", there, port)


def test_the_agent_reaches_nothing_beyond_its_network(hub: ContainerHub, outside: int) -> None:
    beyond = gateway(hub, "edge")
    assert reaches_from(hub, "edge", beyond, outside)
    assert not reaches(hub, "agent-api", beyond, outside)
    assert not reaches(hub, "agent-api", gateway(hub, "agents"), outside)  # this machine, on their own bridge
    assert not reaches(hub, "agent-api", "169.254.169.254", 80)


@pytest.fixture
def metadata() -> Iterator[int]:
    """What a cloud's machine tells of itself, at the address where it does: its port."""
    on_loopback = ["dev", "lo"]
    subprocess.run(["ip", "address", "add", "169.254.169.254/32", *on_loopback], check=True)
    try:
        with serving("169.254.169.254") as port:
            yield port
    finally:
        subprocess.run(["ip", "address", "del", "169.254.169.254/32", *on_loopback], check=True)


@pytest.mark.skipif("os.geteuid() != 0", reason="gives this machine another address, which needs root")
def test_the_agent_does_not_reach_the_metadata_address(hub: ContainerHub, metadata: int) -> None:
    assert reaches_from(hub, "edge", "169.254.169.254", metadata)
    for service in ("agent-api", "agent-api-2", "stack"):
        assert not reaches(hub, service, "169.254.169.254", metadata)


PING = r"""
import os, socket
s = socket.socket(socket.AF_UNIX)
s.connect("/var/run/docker.sock")
s.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
print(s.recv(4096).decode())
"""


@pytest.mark.parametrize("service", ["main-api", "agent-api", "agent-api-2", "orchestrator", "scripted-model"])
def test_nobody_else_reaches_the_engine(hub: ContainerHub, service: str) -> None:
    tried = hub.run_in(service, "python", "-c", PING)
    assert tried.returncode != 0 and "200 OK" not in tried.stdout
    image = hub.docker("inspect", "--format", "{{.Config.Image}}", hub.name(service)).strip()
    path = hub.environment.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    options = ["--rm", "--volume", f"{path}:/var/run/docker.sock", "--user", "0", "--entrypoint", "python"]
    assert "200 OK" in hub.docker("run", *options, image, "-c", PING)


def test_the_stack_reaches_nothing_but_the_engine(hub: ContainerHub, outside: int) -> None:
    there = address(hub, "db", "data")
    assert reaches_from(hub, "data", there, 5432)
    assert not reaches(hub, "stack", there, 5432)
    beyond = gateway(hub, "edge")
    assert reaches_from(hub, "edge", beyond, outside)
    assert not reaches(hub, "stack", beyond, outside)
    assert not reaches(hub, "stack", gateway(hub, "control"), outside)


def test_two_agents_share_work_and_no_folder_of_their_own(hub: ContainerHub) -> None:
    home = str(hub.settings.home)
    hub.run_in("agent-api", "sh", "-c", f"echo mine >'{home}/of-the-first'")
    assert hub.run_in("agent-api-2", "test", "-e", f"{home}/of-the-first").returncode == 1
    assert hub.run_in("agent-api-2", "test", "-d", f"{home}/worktrees").returncode == 0
    hub.run_in("agent-api", "rm", f"{home}/of-the-first")


def test_only_the_stack_has_the_engines_socket(hub: ContainerHub) -> None:
    present = {
        service: hub.run_in(service, "test", "-S", "/var/run/docker.sock").returncode == 0
        for service in ("main-api", "orchestrator", "agent-api", "scripted-model", "stack", "db", "caddy")
    }
    assert [service for service, there in present.items() if there] == ["stack"]


def test_the_agents_container_holds_no_secret_of_the_owner(hub: ContainerHub) -> None:
    seen = hub.run_in(
        "agent-api", "sh", "-c", "cat /run/wfhub/secrets.env; cat /proc/1/environ /proc/*/environ 2>&1"
    ).stdout
    assert "WFHUB_TOKEN_SHA256" in seen
    own = hub.settings.stack.environment
    assert [name for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY") if own[name] in seen] == []
    assert (hub.settings.private / "db-password").read_text() not in seen
    # the owner's files are there for main-api, and the secrets of the others are hidden from it too
    assert hub.run_in("main-api", "ls", str(hub.settings.private)).stdout == ""


def test_the_agents_door_wants_the_token(hub: ContainerHub) -> None:
    door = hub.settings.stack.agent_api_url
    assert httpx.get(f"{door}/health", timeout=60).json()["service"] == "agent-api"
    assert httpx.get(f"{door}/api/config", timeout=60).status_code == 401
    answer = httpx.get(f"{door}/api/config", headers={"Authorization": f"Bearer {hub.token}"}, timeout=60)
    assert "landlock" in answer.json()["cages"]


def test_the_stack_tells_main_api_how_the_containers_are(hub: ContainerHub) -> None:
    ask = (
        "import os,urllib.request as u; from pathlib import Path;"
        "s=dict(line.split('=',1) for line in Path('/run/wfhub/secrets.env').read_text().split());"
        "r=u.Request(os.environ['STACK_API_URL']+'/containers', headers={'Authorization': 'Bearer '+TOKEN});"
        "print(u.urlopen(r).read().decode())"
    )
    right = hub.run_in("main-api", "python", "-c", ask.replace("TOKEN", "s['STACK_API_TOKEN']"))
    assert '"service":"agent-api","state":"running"' in right.stdout
    wrong = hub.run_in("main-api", "python", "-c", ask.replace("TOKEN", "'guessed'"))
    assert "401" in wrong.stderr
