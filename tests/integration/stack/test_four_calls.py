"""Four calls of curl, nothing else: a project of no folder yet, a task, a trigger, and the file is on main."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_hub import LocalHub, local_hub

SCENARIO = Path(__file__).parents[2] / "support" / "scenarios" / "hello.yaml"
SECONDS = 90


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with local_hub(tmp_path / "a hub", scenario=SCENARIO, DEFAULT_MODEL="scripted/hello") as running:
        yield running


def curl(hub: LocalHub, path: str, body: dict[str, Any] | None = None) -> Any:
    token = hub.settings.environment["WFHUB_TOKEN"]
    sent = ["-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []
    command = ["curl", "-sS", "--fail-with-body", "--noproxy", "*", "-H", f"Authorization: Bearer {token}", *sent]
    done = subprocess.run([*command, hub.settings.main_api_url + path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.aider
def test_four_calls_end_with_the_file_on_main(hub: LocalHub) -> None:
    project = curl(hub, "/projects", {"name": "poc", "workspace_path": "poc"})
    task = curl(hub, "/tasks", {"project_id": project["id"], "title": "Create hello.txt"})
    run = curl(hub, f"/tasks/{task['id']}/trigger", {"stage": "dev", "merge": True})
    assert (run["state"], run["stage"], run["task_id"]) == ("queued", "dev", task["id"])
    until = time.monotonic() + SECONDS
    while (now := curl(hub, f"/tasks/{task['id']}"))["state"] not in ("done", "waiting"):
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["state"] == "done", now
    workspace = hub.settings.workspaces / "poc"
    assert (workspace / "hello.txt").read_text() == "Hello from the hub.\n"
    git = ["git", "-C", str(workspace)]
    shown = subprocess.run([*git, "show", "main:hello.txt"], check=True, capture_output=True, text=True)
    assert shown.stdout == "Hello from the hub.\n"
    assert subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True, text=True).stdout == ""
    runs = curl(hub, f"/tasks/{task['id']}/runs")
    assert [(one["stage"], one["state"]) for one in runs] == [
        ("dev", "passed"), ("deploy", "passed"), ("testing", "passed")
    ]  # fmt: skip
    assert runs[0]["id"] == run["id"], "the run that was answered is the run that was carried"
