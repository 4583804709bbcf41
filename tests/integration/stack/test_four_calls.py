"""Four calls of curl, nothing else: a project of no folder yet, a task, a trigger, and the file is on main.

The hub is offline, with keys of clouds set: what its processes reach for is written down.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.local_hub import CHECKOUT, LocalHub, local_hub

SCENARIO = Path(__file__).parents[2] / "support" / "scenarios" / "hello.yaml"
WATCH = CHECKOUT / "tests" / "support" / "network_watch"
CLOUD = "openai/gpt-4o-mini"
SECONDS = 300
PACKAGED = """
from pathlib import Path
from services.models.known_shapes import KNOWN
from services.models.prices import Price, price_of
from services.models.profiles import profile_of
from services.models.providers import build_providers
from services.models.tokenizers import Tokenizers
cloud = build_providers(openai_api_key="k")["openai"]
assert price_of(cloud, "gpt-4o-mini").cost(1000, 1000) > 0 and profile_of("openai/gpt-4o-mini").context_tokens and KNOWN
assert Tokenizers(Path("nowhere")).counter("openai/gpt-4o-mini") is None
"""


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH; what leaves the machine is listed in its reached.txt."""
    folder = tmp_path_factory.mktemp("watch") / "path"
    return Path(shutil.copytree(WATCH, folder))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, watch: Path) -> Iterator[LocalHub]:
    parts = [watch, CHECKOUT, CHECKOUT / "main-api", CHECKOUT / "agent-api"]
    settings = {
        "DEFAULT_MODEL": "scripted/hello", "WFHUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(map(str, parts)),
        "OPENAI_API_KEY": "sk-none", "GROQ_API_KEY": "gsk-none", "VISION_MODELS": "scripted/hello",
    }  # fmt: skip
    with local_hub(tmp_path_factory.mktemp("four") / "a hub", scenario=SCENARIO, **settings) as running:
        curl(running, "/roles/dev/models", {"version": 1, "models": [CLOUD, "scripted/hello"]}, "PUT")
        yield running


def curl(
    hub: LocalHub, path: str, body: dict[str, Any] | None = None, method: str = "POST", *, form: Sequence[str] = (),
    folder: Path | None = None,
) -> Any:  # fmt: skip
    token = hub.settings.environment["WFHUB_TOKEN"]
    sent = ["-X", method, "-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []
    sent += [part for field in form for part in ("-F", field)]
    command = ["curl", "-sS", "--fail-with-body", "--noproxy", "*", "-H", f"Authorization: Bearer {token}", *sent]
    done = subprocess.run([*command, hub.settings.main_api_url + path], capture_output=True, text=True, cwd=folder)
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


@pytest.mark.aider
def test_what_nobody_knows_yet_ends_in_a_report(hub: LocalHub, tmp_path: Path) -> None:
    """After the story above: the report rests on the file that it left. The PM and who writes the report are told what
    the picture shows and what the text says."""
    Image.new("RGB", (40, 20), "blue").save(tmp_path / "card.png")
    (tmp_path / "words.txt").write_text("bonjour, le monde")
    form = ["project_id=1", "text=Find out how it could greet in two languages", "file=@card.png", "file=@words.txt"]
    asked = curl(hub, "/requests/with-files", form=form, folder=tmp_path)
    until = time.monotonic() + SECONDS
    while not (plans := curl(hub, f"/plans?state=waiting&request_id={asked['id']}")):
        assert time.monotonic() < until, curl(hub, f"/requests/{asked['id']}")
        time.sleep(0.2)
    assert (plans[0]["answer"], plans[0]["faults"]) == ("report", [])
    curl(hub, f"/plans/{plans[0]['id']}/approve", {"version": plans[0]["version"]})
    [task] = curl(hub, f"/tasks?plan_id={plans[0]['id']}")
    while not (waiting := curl(hub, f"/approvals?state=asked&task_id={task['id']}")):
        assert time.monotonic() < until, curl(hub, f"/tasks/{task['id']}")
        time.sleep(0.2)
    report = curl(hub, f"/tasks/{task['id']}/report")
    assert report["markdown"].startswith("# Two languages\n\nA second file is enough.\n\n## The choices are named\n")
    curl(hub, f"/approvals/{waiting[0]['id']}/approve", {})
    while (now := curl(hub, f"/tasks/{task['id']}"))["state"] != "done":
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["merged_sha"] is None
    assert hub.rows("SELECT words, model FROM picture_words") == [("A greeting on a blue ground.", "scripted/hello")]
    paid = hub.rows("SELECT run_id, project_id FROM model_calls WHERE path = 'api/chat'")
    assert [row[1] for row in paid] == [1] and paid[0][0].startswith("direct-1-look-")  # once, by the project


def test_offline_nothing_beyond_the_machine_is_reached_for(hub: LocalHub, watch: Path) -> None:
    """After the story above, and after all providers were looked at."""
    parts = {part["name"]: part for part in curl(hub, "/health/full")["parts"] if part["kind"] == "model"}
    assert parts["scripted"]["status"] == "well" and parts["groq"]["status"] == "off"
    assert parts["openai"]["sentence"] == (
        "openai can't be asked: the hub is offline (WFHUB_OFFLINE=1), and openai is at api.openai.com."
    )
    for run in curl(hub, "/runs?role=dev"):
        (decision,) = curl(hub, f"/runs/{run['id']}")["model_decisions"]
        assert (run["model"], decision["wanted"], decision["reason"]) == ("scripted/hello", CLOUD, "offline")
    watched = set((watch / "watched.txt").read_text().splitlines())
    assert {"-m main_api.app", "-m agent_api.app", "-m services.workflows.worker"} <= watched
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(watch), str(CHECKOUT)])}
    subprocess.run([sys.executable, "-c", PACKAGED], env=environment, check=True)
    reached = watch / "reached.txt"
    assert not reached.exists(), reached.read_text()
    reach = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"  # the watch sees what it has to see
    done = subprocess.run([sys.executable, "-c", reach], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "socket.getaddrinfo 192.0.2.1" in reached.read_text()
