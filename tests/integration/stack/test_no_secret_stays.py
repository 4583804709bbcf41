"""Secrets planted everywhere, a task carried by real processes, and then every file and every value the hub wrote read.

That each secret came by is shown by the mark that stands in its place: with the redactor off, the secret would.
"""

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.redaction.forms import forms_of
from tests.support.local_hub import LocalHub, local_hub

SECONDS = 300
OWNER = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6eTT"
PROVIDER = "own-model-server-" + "k9J8h7G6" * 2  # of no known format
IN_TASK = "glpat-" + "a1B2c3d4" * 3
IN_FILE = "ghp_" + "a1B2" * 9
IN_GUIDE = "AKIA" + "IOSFODNN7QWERTYU"
IN_URL = "hunter2-hunter2"
BY_MODEL = "xoxb-" + "210987654321-abcdefGHIJ"
SECRETS = {
    "owner's token": OWNER, "provider's key": PROVIDER, "in the task": IN_TASK, "in a file": IN_FILE,
    "in the guide": IN_GUIDE, "in an address": IN_URL, "by the model": BY_MODEL,
}  # fmt: skip
# What is a person's own word stays as they wrote it, and can be searched for.
THEIRS = {
    ("tasks", "description"): {"in the task"}, ("projects", "repository_url"): {"in an address"},
    ("search_texts", "body"): {"in the task"}, ("search_texts_content", "c2"): {"in the task"},
}  # fmt: skip
# Copies of the person's own repository: git's content is not the hub's to change.
GIT = {"repos", "worktrees"}
LEAK = """cat config.py AGENTS.md
base64 -w0 config.py; echo
t=$(sed -n 's/^TOKEN = "\\(.*\\)"/\\1/p' config.py)
while [ -n "$t" ]; do printf %s "${t%"${t#?}"}"; t=${t#?}; sleep 0.01; done; echo
exit 3
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    rule = {"when": {"role": "dev"}, "say": f"I use {BY_MODEL}.", "files": {"notes.txt": f"key = {BY_MODEL}\n"}}
    scenario = tmp_path / "leaks.yaml"
    scenario.write_text(yaml.safe_dump({"name": "leaks", "model": "leaks", "rules": [rule]}))
    told = {"WFHUB_TOKEN": OWNER, "OPENAI_API_KEY": PROVIDER, "LOG_LEVEL": "debug"}
    with local_hub(tmp_path / "hub", scenario, DEFAULT_MODEL="scripted/leaks", **told) as running:
        yield running


def workspace(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "config.py").write_text(f'TOKEN = "{IN_FILE}"\n# {OWNER} {PROVIDER}\n')
    (folder / "AGENTS.md").write_text(f"The key is {IN_GUIDE}, the hub's token {OWNER}.\n")
    (folder / "leak.sh").write_text(LEAK)
    git = ["git", "-C", str(folder), "-c", "user.name=p", "-c", "user.email=p@x"]
    for arguments in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)


def carried(hub: LocalHub) -> dict[str, Any]:
    """A task through DEV, the merge, and a TESTING that prints all it can find; answers that last run."""
    workspace(hub.settings.workspaces / "poc")
    address = f"https://bob:{IN_URL}@git.example/poc.git"
    commands = {"commands": {"e2e": "sh leak.sh"}}
    project = hub.client.post(
        "/projects", name="poc", workspace_path="poc", repository_url=address, settings=commands
    )  # fmt: skip
    made = hub.client.post(
        "/tasks", project_id=project["id"], title="Write notes", description=f"Use {IN_TASK}.", files=["config.py"]
    )
    hub.client.post(f"/tasks/{made['id']}/trigger", stage="dev", merge=True)
    until = time.monotonic() + SECONDS
    while True:
        runs = hub.client.get(f"/tasks/{made['id']}/runs")
        done = [run for run in runs if run["stage"] == "testing" and run["finished_at"]]
        if done:
            return done[0]
        assert time.monotonic() < until, runs
        time.sleep(0.2)


def found_in(text: bytes, encoded: bool = True) -> set[str]:
    """By name. `encoded`: the owner's token in every encoding; others are known as they are written alone."""
    ways = {name: {secret} for name, secret in SECRETS.items()}
    if encoded:
        ways["owner's token"] = forms_of(OWNER)
    return {name for name, forms in ways.items() if any(form.encode() in text for form in forms)}


def values(database: str) -> Iterator[tuple[str, str, bytes]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    yield table, column, value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.aider
def test_no_secret_is_in_anything_the_hub_wrote(hub: LocalHub) -> None:
    run = carried(hub)
    assert run["state"] == "failed"
    home, database = hub.settings.home, hub.settings.database_url.split("///", 1)[1]
    answers = [hub.client.get(path) for path in ("/events?limit=200", f"/runs/{run['id']}", "/projects/1/tasks")]
    hub.stack.stop()

    files = [path for path in home.rglob("*") if path.is_file() and path.relative_to(home).parts[0] not in GIT]
    leaks: dict[str, set[str]] = {}
    for path in files:
        name = path.relative_to(home).as_posix()
        # An agent is told hashes alone: what a job printed encoded is known only further on.
        found = found_in(path.read_bytes(), encoded=not name.startswith("jobs/"))
        if found and not name.startswith("hub.sqlite"):  # which is read value by value
            leaks[name] = found
    assert leaks == {}
    stored = {}
    for table, column, value in values(database):
        if found := found_in(value) - THEIRS.get((table, column), set()):
            stored.setdefault(f"{table}.{column}", set()).update(found)
    assert stored == {}
    assert found_in(json.dumps(answers[0]).encode()) == found_in(json.dumps(answers[1]).encode()) == set()
    assert found_in(json.dumps(answers[2]).encode()) == {"in the task"}, "a person's own words stay"

    output = b"".join(path.read_bytes() for path in (home / "runs" / run["id"]).glob("*.jsonl")).decode()
    log = b"".join(path.read_bytes() for path in (home / "proofs").rglob("*") if path.is_file()).decode(
        errors="replace"
    )
    for text in (output, log):
        assert text.count("[redacted:GitHub token]") >= 2, "as it is, and character by character"
        assert "[redacted:AWS key]" in text and "[redacted:WFHUB_TOKEN]" in text
        assert "[redacted:OPENAI_API_KEY]" in text
    whole = b"\n".join(value for _, _, value in values(database)).decode(errors="replace")
    assert "Use [redacted:GitLab token]." in whole, "the prompt"
    assert "wfhub-sealed-1:" in whole, "the model's answer"
    worktrees = b"".join(path.read_bytes() for path in (hub.settings.workspaces / "poc").glob("notes.txt"))
    assert BY_MODEL.encode() in worktrees, "what a model wrote is written: the security scan finds it"

    for name in ("main-api", "agent-api", "orchestrator"):
        lines = [json.loads(line) for line in (home / "logs" / f"{name}.log").read_text().splitlines()]
        assert {line["service"] for line in lines} == {name}
    assert any(line.get("run_id") == run["id"] and line.get("task") == "POC-1" for line in lines)
