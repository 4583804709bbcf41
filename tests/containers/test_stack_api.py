"""What the stack tells main-api, and what main-api makes of it: the logs of containers that are not the hub's own."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.support.container_hub import ContainerHub

# Runs in main-api's container: the one that knows the secret and has a way there.
ASK = """
import json, os, sys, urllib.error, urllib.request as u
from pathlib import Path
method, path, token = sys.argv[1:]
told = dict(line.split("=", 1) for line in Path("/run/wfhub/secrets.env").read_text().splitlines())
head = {"Authorization": f"Bearer {told['STACK_API_TOKEN'] if token == 'right' else token}"}
try:
    answer = u.urlopen(u.Request(os.environ["STACK_API_URL"] + path, headers=head, method=method), timeout=60)
    print(json.dumps([answer.status, answer.read(200_000).decode()]))
except urllib.error.HTTPError as error:
    print(json.dumps([error.code, error.read().decode()]))
"""


def ask(hub: ContainerHub, path: str, method: str = "GET", token: str = "right") -> tuple[int, Any]:
    said = hub.run_in("main-api", "python", "-c", ASK, method, path, token)
    assert said.returncode == 0, said.stderr
    status, text = json.loads(said.stdout)
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


@pytest.fixture
def stranger(hub: ContainerHub) -> Iterator[str]:
    """A container of somebody else's, with a label that looks like ours."""
    image = hub.docker("inspect", "--format", "{{.Config.Image}}", hub.name("stack")).strip()
    name = f"stranger-{hub.settings.key}"
    labels = ["--label", "dev.workflow-hub.home=/elsewhere", "--label", "dev.workflow-hub.service=stranger"]
    hub.docker("run", "--detach", "--name", name, *labels, "--entrypoint", "sleep", image, "600")
    yield name
    hub.docker("rm", "--force", name)


def test_it_tells_of_this_hubs_containers_only(hub: ContainerHub, stranger: str) -> None:
    status, found = ask(hub, "/containers")
    assert status == 200
    assert "stranger" not in {one["service"] for one in found}
    for method, path in (("GET", "logs"), ("GET", "stats"), ("POST", "restart")):
        assert ask(hub, f"/containers/stranger/{path}", method)[0] == 404
        assert ask(hub, f"/containers/{stranger}/{path}", method)[0] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/containers"), ("GET", "/containers/db/logs"), ("GET", "/containers/db/stats"),
     ("POST", "/containers/db/restart")],
)  # fmt: skip
def test_it_wants_the_secret(hub: ContainerHub, method: str, path: str) -> None:
    before = hub.pid("db")
    assert ask(hub, path, method, token="guessed")[0] == 401
    assert ask(hub, path, method, token=hub.token)[0] == 401  # the owner's is not it
    assert hub.pid("db") == before


def test_what_a_container_takes(hub: ContainerHub) -> None:
    status, used = ask(hub, "/containers/main-api/stats")
    assert status == 200
    assert 10**7 < used["memory"] < used["memory_limit"] == 2**30
    assert used["processes"] > 0 and used["cpu_seconds"] > 0 and used["received"] > 0


def test_what_a_container_says(hub: ContainerHub) -> None:
    status, text = ask(hub, "/containers/db/logs?tail=1000")
    assert status == 200
    assert "ready to accept connections" in text
    assert all(line[:2] == "20" and line[10] == "T" for line in text.splitlines())
    assert len(ask(hub, "/containers/db/logs?tail=2")[1].splitlines()) == 2
    assert ask(hub, f"/containers/db/logs?since={time.time() + 60}") == (200, "")


def test_a_container_is_restarted(hub: ContainerHub) -> None:
    before = hub.pid("caddy")
    assert ask(hub, "/containers/caddy/restart", "POST")[0] == 200
    assert hub.pid("caddy") not in (0, before)
    for _ in range(1800):
        if all(one.state == "well" for one in hub.stack.status()):
            break
        time.sleep(0.1)
    assert hub.stack.start() == []


@pytest.mark.parametrize("name", ["db", "caddy", "main-api", "agent-api-2", "orchestrator-2"])
def test_every_containers_log_is_one_of_the_hubs(hub: ContainerHub, name: str) -> None:
    for _ in range(1800):
        if name in {log["name"] for log in hub.client.get("/logs")} and hub.client.get(f"/logs/{name}")["lines"]:
            break
        time.sleep(0.1)
    lines = hub.client.get(f"/logs/{name}", order="oldest")["lines"]
    assert all(line["at"] and line["level"] in ("debug", "info", "warning", "error") for line in lines[:20])
    if name == "db":
        assert any("ready to accept connections" in line["event"] for line in lines)


def test_what_the_database_says_is_followed_live(hub: ContainerHub) -> None:
    url = f"ws://127.0.0.1:{hub.settings.stack.main_api_port}/ws/logs/db?text=no_such_table_at_all"
    with connect(url, additional_headers={"Authorization": f"Bearer {hub.token}"}) as socket:
        assert json.loads(socket.recv(60))["lines"] == []
        socket.send("go on")
        password = (hub.settings.private / "db-password").read_text()
        address = f"postgresql://wfhub:{password}@127.0.0.1/wfhub"
        hub.run_in("db", "psql", address, "--command", "SELECT * FROM no_such_table_at_all")
        page = json.loads(socket.recv(60))
    assert [line["level"] for line in page["lines"]][:1] == ["error"]
    assert password not in json.dumps(hub.client.get("/logs/db", limit=1000))


def test_nobody_waits_for_a_log_that_nobody_reads_any_more(hub: ContainerHub) -> None:
    """The engine's streams end with their readers, else each start of main-api would leave some behind."""

    def streams() -> int:
        return hub.run_in("stack", "ls", "-l", "/proc/1/fd").stdout.count("socket:")

    before = streams()
    for _ in range(10):
        script = ASK.replace("answer.read(200_000)", "answer.read(10)")
        hub.run_in("main-api", "python", "-c", script, "GET", "/containers/db/logs?follow=true", "right")
    for _ in range(1800):
        if streams() <= before + 4:
            break
        time.sleep(0.1)
    assert streams() <= before + 4  # others come and go


def test_local_addresses_refuse_those_without_the_token(hub: ContainerHub) -> None:
    assert httpx.get(f"{hub.settings.stack.main_api_url}/logs/db", timeout=60).status_code == 401
