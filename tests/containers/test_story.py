"""The demo's story in containers: through Caddy's HTTPS, on PostgreSQL, in the cage, with the network's walls up."""

import io
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from rich.console import Console

from services.demo.narrator import Narrator
from services.demo.sample_project import SCENARIO
from services.demo.story import Wish, tell
from services.stack.container_environments import database_url
from services.stack.containers import ORDER
from tests.support.container_hub import ContainerHub, sample

REQUEST = SCENARIO.with_name("request.txt").read_text()
SEVERAL = {"agent-api": ("agent-api", "agent-api-2"), "orchestrator": ("orchestrator", "orchestrator-2")}
SERVICES = [name for kind in ORDER if kind != "ollama" for name in SEVERAL.get(kind, (kind,))]


def rows(hub: ContainerHub, query: str) -> list[tuple[object, ...]]:
    """From PostgreSQL, on the port that is published for the owner."""
    url = database_url(hub.settings).replace("@db:5432", f"@127.0.0.1:{hub.settings.ports['DB_PORT']}")
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def merges(workspace: Path) -> list[str]:
    command = ["git", "-c", f"safe.directory={workspace}", "-C", str(workspace), "log", "--first-parent", "--merges"]
    return subprocess.run(
        [*command, "--format=%s", "main"], check=True, capture_output=True, text=True
    ).stdout.splitlines()


def test_the_story_passes_through_the_front_door(hub: ContainerHub) -> None:
    workspace = sample(hub, "till by call")
    wish = Wish("Till", str(workspace), REQUEST, "scripted/demo", silent_seconds=400)
    outcome = tell(hub.client, Narrator(Console(file=io.StringIO())), wish, ask=lambda _: True)
    assert [task["state"] for task in outcome.tasks] == ["done"] * 3
    assert len(merges(workspace)) == 3
    assert {path.stat().st_uid for path in workspace.rglob("*")} == {hub.settings.uid}
    assert rows(hub, "SELECT count(*) FROM runs WHERE state IN ('queued', 'running')") == [(0,)]
    assert rows(hub, "SELECT max(round) FROM tasks") == [(2,)]  # the one wrong answer of the script
    # what the agent's container made came over HTTP, and is kept where that container cannot see it
    assert len(list((hub.settings.home / "proofs").rglob("*"))) > 10
    assert hub.run_in("agent-api", "test", "-e", str(hub.settings.home / "proofs")).returncode == 1


def test_starting_again_starts_nothing_and_all_are_well(hub: ContainerHub) -> None:
    before = hub.docker("ps", "--quiet", "--filter", f"label=dev.workflow-hub.home={hub.settings.home}")
    assert hub.stack.start() == []
    assert before == hub.docker("ps", "--quiet", "--filter", f"label=dev.workflow-hub.home={hub.settings.home}")
    status = hub.stack.status()
    assert [one.name for one in status] == SERVICES
    assert {one.name: one.complaint for one in status if one.state != "well"} == {}


def test_the_health_tells_of_every_container_and_of_a_frozen_one_in_time(hub: ContainerHub) -> None:
    def parts() -> dict[str, dict[str, Any]]:
        return {part["name"]: part for part in hub.client.get("/health/full")["parts"]}

    begun = time.monotonic()
    well = parts()
    quick = time.monotonic() - begun
    told = {one["service"] for one in well["containers"]["facts"]["containers"]}
    assert told == set(SERVICES)
    ill = {name for name, part in well.items() if part["status"] not in ("well", "off")}
    assert ill <= {"ollama"}, well  # the scripted model is in its place
    hub.docker("pause", hub.name("agent-api"))
    try:
        begun = time.monotonic()
        frozen = parts()
        assert time.monotonic() - begun < quick + 5.0  # two seconds, on a machine that has nothing else to do
    finally:
        hub.docker("unpause", hub.name("agent-api"))
    assert frozen["agent-api"]["status"] == "unwell"
    assert "agent-api (paused)" in frozen["containers"]["sentence"]


def test_a_killed_container_is_started_again_and_no_other(hub: ContainerHub) -> None:
    hub.docker("kill", hub.name("agent-api"))
    assert [one.name for one in hub.stack.status() if one.state != "well"] == ["agent-api"]
    assert hub.stack.start() == ["agent-api"]


def test_the_door_asks_for_the_token_and_shows_a_certificate_of_caddys(hub: ContainerHub) -> None:
    with hub.http() as http:
        assert http.get("/health").status_code == 200
        assert http.get("/projects").status_code == 401
        answer = http.get("/projects", headers={"Authorization": f"Bearer {hub.token}"})
        assert answer.status_code == 200
        assert "strict-transport-security" in answer.headers
    with pytest.raises(httpx.ConnectError, match="certificate"), httpx.Client(verify=True) as stranger:
        stranger.get(
            hub.url.replace("wfhub.localhost", "127.0.0.1") + "/health", extensions={"sni_hostname": "wfhub.localhost"}
        )


def test_the_page_is_built_into_the_image_and_served(hub: ContainerHub) -> None:
    with hub.http() as http:
        page = http.get("/chat.html")
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
        script = page.text.partition('src="')[2].partition('"')[0]
        assert http.get(script).status_code == 200


def test_a_sign_in_link_leads_to_the_front_door(hub: ContainerHub) -> None:
    link = hub.sign_in_link()
    assert link.startswith(f"{hub.url}/login?code=")
    with hub.http() as http:
        answer = http.get(link)
        cookie = answer.headers["set-cookie"]
        assert answer.status_code == 303
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=strict" in cookie.replace("Strict", "strict")


def test_everything_listens_on_loopback_only(hub: ContainerHub) -> None:
    names = hub.docker("ps", "--quiet", "--filter", f"label=dev.workflow-hub.home={hub.settings.home}").split()
    shown = hub.docker(
        "inspect", "--format", "{{range .HostConfig.PortBindings}}{{range .}}{{.HostIp}} {{end}}{{end}}", *names
    )
    assert set(shown.split()) == {"127.0.0.1"}


def test_no_secret_is_in_what_the_engine_tells_or_in_a_layer(hub: ContainerHub) -> None:
    names = hub.docker("ps", "--quiet", "--filter", f"label=dev.workflow-hub.home={hub.settings.home}").split()
    told = hub.docker("inspect", *names)
    secrets = [hub.token, hub.settings.stack.environment["WFHUB_SECRET_KEY"]]
    secrets += [(hub.settings.private / name).read_text() for name in ("db-password", "setup-proxy", "stack-api")]
    images = {
        line for line in hub.docker("inspect", "--format", "{{.Config.Image}}", *names).split() if "wfhub/" in line
    }
    told += "".join(hub.docker("history", "--no-trunc", image) for image in images)
    assert len(images) == 4
    assert [secret for secret in secrets if secret in told] == []
    files = [path for path in hub.settings.private.glob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
