"""A new owner's token while agents work: the old one opens nothing at once, and no work is lost."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.demo.hub_client import HubClient
from services.stack.secrets import read_env_file
from tests.support.local_hub import LocalHub, local_hub

SCENARIO = Path(__file__).parents[1] / "support" / "scenarios" / "hello.yaml"
QUIETLY: dict[str, Any] = {"trust_env": False, "timeout": 60}
pytestmark = [pytest.mark.kill, pytest.mark.aider]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with local_hub(tmp_path / "a hub", scenario=SCENARIO, DEFAULT_MODEL="scripted/hello") as running:
        yield running


def wait_for_job(hub: LocalHub, stage: str, seconds: float = 180) -> None:
    """Until a run of that stage is running and its agent works on a step."""
    until = time.monotonic() + seconds
    query = "SELECT 1 FROM runs WHERE stage = ? AND state = 'running' AND job_started_at IS NOT NULL"
    while not hub.rows(query, stage):
        assert time.monotonic() < until, f"no run of {stage} came"
        time.sleep(0.005)


def wf(hub: LocalHub, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in hub.settings.environment.items() if name != "WFHUB_TOKEN"}
    own |= {"WFHUB_ROOT": str(hub.settings.root), "DOCKER_HOST": "unix:///nowhere", **environment}
    own.pop("WFHUB_SECRET_KEY")  # it is in .env, too
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *command],
        env=own,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def read(answer: subprocess.CompletedProcess[str]) -> Any:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def status(url: str, token: str, cookie: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {"Cookie": cookie}
    return httpx.get(f"{url}/{'session' if token or cookie else 'health'}", headers=headers, **QUIETLY).status_code


def test_a_new_token_in_the_middle_of_work(hub: LocalHub) -> None:
    env_file, url = hub.settings.root / ".env", hub.settings.main_api_url
    old = hub.settings.environment["WFHUB_TOKEN"]
    signed = httpx.post(f"{url}/login", json={"token": old}, **QUIETLY).headers["set-cookie"].partition(";")[0]
    link = hub.client.post("/login/links")["url"]
    project = hub.client.post("/projects", name="poc", workspace_path="poc")
    task = hub.client.post("/tasks", project_id=project["id"], title="Create hello.txt")
    hub.client.post(f"/tasks/{task['id']}/trigger", stage="dev", merge=True)
    wait_for_job(hub, "dev")
    assert status(url, old) == status(url, "", signed) == 200

    told = read(wf(hub, "token", "rotate", "--json"))
    assert told == {"schema": 1, "restarted": ["agent-api", "main-api", "orchestrator"], "sessions_ended": 1}
    new = read_env_file(env_file)["WFHUB_TOKEN"]
    assert new != old and len(new) >= 40 and env_file.stat().st_mode & 0o777 == 0o600
    assert (status(url, old), status(url, new), status(url, "", signed)) == (401, 200, 401)
    late = httpx.get(link, **QUIETLY)
    assert late.headers["location"] == "/chat.html?login=expired", "a link that was made before"
    agent = f"{hub.settings.agent_api_url}/api/config"
    answers = [httpx.get(agent, headers={"Authorization": f"Bearer {t}"}, **QUIETLY) for t in (old, new)]
    assert [answer.status_code for answer in answers] == [401, 200]

    client, until = HubClient(url, new), time.monotonic() + 240
    while (now := client.get(f"/tasks/{task['id']}"))["state"] not in ("done", "waiting"):
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["state"] == "done", now
    assert (hub.settings.workspaces / "poc" / "hello.txt").read_text() == "Hello from the hub.\n"
    assert hub.rows("SELECT max(round) FROM tasks") == [(1,)], "what was begun again is no round"

    stayed = httpx.post(f"{url}/login", json={"token": new}, **QUIETLY).headers["set-cookie"].partition(";")[0]
    listed = read(wf(hub, "sessions", "--json"))
    assert [row["opened_with"] for row in listed["sessions"]] == ["token"]
    assert read(wf(hub, "token", "rotate", "--keep-sessions", "--json"))["sessions_ended"] is None
    assert (status(url, new), status(url, "", stayed)) == (401, 200)
    assert read(wf(hub, "sessions", "--end-all", "--json")) == {"schema": 1, "ended": 1, "sessions": []}
    assert status(url, "", stayed) == 401

    hub.stack.stop()
    stopped = wf(hub, "token", "rotate")
    assert stopped.returncode == 0 and "does not run" in stopped.stdout, stopped.stdout + stopped.stderr
    before = env_file.read_text()
    refused = wf(hub, "token", "rotate", WFHUB_TOKEN=old)
    assert refused.returncode == 1 and "unset WFHUB_TOKEN" in refused.stderr
    assert env_file.read_text() == before


def test_where_no_hub_is_set_up(tmp_path: Path) -> None:
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "WFHUB_ROOT": str(tmp_path)}
    for command in (["token", "rotate"], ["sessions"]):
        said = subprocess.run(
            [sys.executable, "-m", "services.cli", *command], env=own, capture_output=True, text=True, check=False
        )
        assert said.returncode == 6 and "no hub set up here" in said.stderr and not (tmp_path / ".env").exists()
