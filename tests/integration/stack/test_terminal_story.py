"""From an idea to merged commits by `wf` alone: a hub of real processes, the real Aider, the scripted model."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.exits import Exit
from services.cli.shapes import SHAPES
from services.demo.sample_project import copy_sample
from tests.support.local_hub import LocalHub, local_hub
from tests.support.terminal import Ended, wf

pytestmark = [pytest.mark.aider, pytest.mark.cage]
SECONDS = 240.0
IDEA = (
    "Last week a customer got more money back than she had paid, please make that impossible. At the end of the day "
    "I want to close the till and get a report. And my bookkeeper asks for the day's sales as a CSV file."
)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with local_hub(tmp_path / "a hub") as running:
        monkeypatch.setenv("WFHUB_ROOT", str(running.settings.root))
        monkeypatch.setenv("MAIN_API_PORT", str(running.settings.main_api_port))
        monkeypatch.setenv("AGENT_API_PORT", str(running.settings.agent_api_port))
        monkeypatch.setenv("SCRIPTED_MODEL_PORT", str(running.settings.scripted_model_port))
        monkeypatch.delenv("WFHUB_PROJECT", raising=False)
        yield running


def done(*words: str, typed: str = "") -> Ended:
    ended = wf(*words, typed=typed)
    assert ended.code == 0, (words, ended)
    return ended


def test_from_an_idea_to_merged_commits(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    till = copy_sample(hub.settings.workspaces / "till")
    monkeypatch.chdir(till)
    told = done("project", "create", ".", "--key", "TILL", "--json").json
    assert told["project"]["workspace_path"] == str(till)
    assert "set here" in done("config", "set", "default_model=scripted/demo").out

    shown = done("idea", "-", typed=IDEA).out
    assert "calls read" in shown and "Refuse a refund above the sale" in shown and "wf plan approve 1" in shown
    assert "Plan 1  waiting" in done("plan", "show").out
    assert "3 tasks" in done("plan", "approve").out

    first = wf("run", "logs", "-f", wait_for_run("TILL-1"))
    assert first.code == 0 and "edits" in first.out and "DEV" not in first.err, first
    failed = wait_for(lambda: done("run", "list", "-t", "TILL-1", "--state", "failed", "--json").json["runs"])
    assert failed[0]["stage"] == "qa" and wf("run", "logs", "-f", failed[0]["id"]).code == Exit.UNWELL
    assert "proven" in done("task", "show", "till-1").out

    approved = set[str]()
    while done("plan", "progress", "1", "--json").json["progress"]["state"] != "done":
        for item in done("inbox", "--json").json["items"]:
            assert item["kind"] == "approval", item
            key = item["title"].split()[0]
            assert "diff --git" in done("task", "diff", key).out
            assert done("approve", key, "--json").json["decision"]["state"] == "approved"
            approved.add(key)
        time.sleep(0.5)
    assert approved == {"TILL-1", "TILL-2", "TILL-3"}
    merged = subprocess.run(
        ["git", "log", "--format=%s%n%b", "main"], cwd=till, capture_output=True, text=True, check=True
    )
    assert all(key in merged.stdout for key in approved)
    assert "Nothing waits for you." in done("inbox").out
    assert {row["state"] for row in done("task", "list", "--all", "--json").json["tasks"]} == {"done"}


def test_the_hub_itself(hub: LocalHub) -> None:
    for name in ("status", "login", "doctor"):
        assert set(wf(name, "--json").json) == {"schema", *SHAPES[name]}, name
    assert all(one["state"] == "well" for one in done("status", "--json").json["services"])
    lines = done("logs", "orchestrator", "--json").lines
    assert lines and all(set(line) == {"schema", *SHAPES["logs"]} for line in lines)
    assert lines[0]["line"]["event"] in done("logs", "orchestrator").out
    link = done("open", "inbox", "--print").out
    assert link.startswith(hub.settings.main_api_url) and "place=view%3Dinbox" in link


def wait_for_run(key: str) -> str:
    """Its first."""
    return str(wait_for(lambda: done("run", "list", "-t", key, "--json").json["runs"])[-1]["id"])


def wait_for(look: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError("it did not come")
