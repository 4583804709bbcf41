"""The workspace tools over HTTP, and what they refuse."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_api.confine import Workspace
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.workspace_tools.edit import edit
from agent_api.workspace_tools.write import write
from services.domain.secret_files import is_hidden
from tests.integration.agent.conftest import RunningAgent, wait_for


@pytest.fixture
def agent(shared_agent: RunningAgent) -> RunningAgent:
    return shared_agent


@pytest.fixture
def tmp_path(agent: RunningAgent) -> Iterator[Path]:
    """Beside the agent's home, so that `poc` is found under its WORKSPACES_DIR."""
    root = agent.home.parent
    yield root
    for path in root.iterdir():
        if path != agent.home:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (agent.home / "agent-config.json").unlink(missing_ok=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspaces" / "poc"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("".join(f"line {number}\n" for number in range(1, 11)))
    (folder / "pkg" / "b.txt").write_text("Line of another file\n")
    (folder / ".gitignore").write_text("ignored.py\n")
    (folder / "ignored.py").write_text("line\n")
    (folder / ".env").write_text("KEY=line of a secret\n")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("line = 1\n")
    (folder / "AGENTS.md").write_text("Be brief.\n")
    (tmp_path / "secret.txt").write_text("line of the neighbour\n")
    return folder


def call(agent: RunningAgent, tool: str, workspace: Path | str | None, **body: Any) -> Any:
    return agent.http.post(f"/api/{tool}", json=({"workspace": str(workspace)} if workspace else {}) | body)


def test_read(agent: RunningAgent, workspace: Path) -> None:
    whole = call(agent, "read", "poc", path="pkg/a.py").json()
    assert whole["success"] is True
    assert (whole["total_lines"], whole["truncated"]) == (10, False)
    part = call(agent, "read", workspace, path="pkg/a.py", start=3, end=4).json()
    assert (part["text"], part["start"], part["end"]) == ("line 3\nline 4\n", 3, 4)
    (workspace / "long.txt").write_text("x" * 99 + "\n" + "y" * 200_000)
    assert call(agent, "read", workspace, path="long.txt").json()["truncated"] is True


def test_grep(agent: RunningAgent, workspace: Path) -> None:
    found = call(agent, "grep", workspace, pattern="^line", ignore_case=True, glob="*.{py,txt}").json()
    assert found["success"] is True
    assert {line["path"] for line in found["lines"]} == {"pkg/a.py", "pkg/b.txt"}, "not what is ignored or secret"
    assert (found["matches"], found["truncated"]) == (11, False)
    few = call(agent, "grep", workspace, pattern="line", path="pkg/a.py", limit=3).json()
    assert ([line["line"] for line in few["lines"]], few["truncated"]) == ([1, 2, 3], True)
    around = call(agent, "grep", workspace, pattern="line 5", path="pkg", context=1).json()
    assert [(line["path"], line["line"], line["context"]) for line in around["lines"]] == [
        ("pkg/a.py", 4, True), ("pkg/a.py", 5, False), ("pkg/a.py", 6, True)
    ]  # fmt: skip
    assert call(agent, "grep", workspace, pattern="(").json()["code"] == "tool_refused"


def test_glob(agent: RunningAgent, workspace: Path) -> None:
    found = call(agent, "glob", workspace, pattern="**/*.py").json()
    assert (found["paths"], found["truncated"], found["success"]) == (["pkg/a.py"], False, True)
    assert call(agent, "glob", workspace, limit=2).json()["truncated"] is True


def test_bash(agent: RunningAgent, workspace: Path) -> None:
    done = call(agent, "bash", workspace, command="cat pkg/b.txt; echo $WFHUB_TOKEN_SHA256; exit 4").json()
    assert (done["success"], done["exit_code"], done["output"].strip()) == (True, 4, "Line of another file")
    assert done["cage"] in ("bubblewrap", "landlock")
    slow = call(agent, "bash", workspace, command="sleep 20", timeout=0.5).json()
    assert (slow["timed_out"], slow["stopped_by"]) == (True, "time_limit")
    call(agent, "bash", workspace, command="echo evil >> .git/config; touch made")
    assert (workspace / ".git" / "config").read_text() == "line = 1\n"
    assert (workspace / "made").exists()


@pytest.mark.parametrize(
    "path", ["../secret.txt", "pkg/../../secret.txt", "link", "folder/secret.txt", "/etc/passwd", ".env", ".git/config",
             "inner", "pkg", "fifo", "missing.py", "server.PEM", "a\0b"],
)  # fmt: skip
def test_paths_that_are_refused(agent: RunningAgent, workspace: Path, path: str) -> None:
    (workspace / "link").symlink_to("../../secret.txt")
    (workspace / "folder").symlink_to("../..")
    (workspace / "inner").symlink_to(".env")
    (workspace / "server.PEM").write_text("line\n")
    os.mkfifo(workspace / "fifo")
    for tool, more in (("read", {}), ("grep", {"pattern": "line"})):
        if (tool, path) == ("grep", "pkg"):
            continue  # a folder may be searched
        answer = call(agent, tool, workspace, path=path, **more)
        assert answer.status_code in (400, 403), (tool, answer.text)
        assert "line of" not in answer.text
        assert answer.json()["code"] in ("outside_workspace", "tool_refused")


def test_workspaces_that_are_refused(agent: RunningAgent, workspace: Path, tmp_path: Path) -> None:
    for named in ("../home", str(agent.home), str(tmp_path), "/", "no-such", str(workspace / "pkg" / "a.py")):
        answer = call(agent, "glob", named)
        assert answer.status_code in (400, 403), (named, answer.text)


def test_config_and_context(agent: RunningAgent, workspace: Path) -> None:
    assert agent.http.get("/api/config").json()["model"] is None
    chosen = agent.http.post("/api/config", json={"workspace": "poc", "model": "m"}).json()
    assert (chosen["success"], chosen["workspace"], chosen["model"]) == (True, "poc", "m")
    assert agent.http.get("/api/config").json()["model"] == "m"
    assert call(agent, "read", None, path="AGENTS.md").json()["text"] == "Be brief.\n", "the chosen one"
    refused = agent.http.post("/api/config", json={"models": ["other"]})
    assert (refused.json()["code"], agent.http.get("/api/config").json()["models"]) == ("bad_config", None)
    assert agent.http.post("/api/config", json={"model": None}).json()["workspace"] == "poc", "null takes one back"
    (agent.home / "agent-config.json").write_text("{")
    assert agent.http.get("/api/config").json()["code"] == "bad_config"
    (agent.home / "agent-config.json").unlink()
    context = call(agent, "context", workspace).json()
    assert context["instructions"] == {"AGENTS.md": "Be brief.\n"}
    assert context["languages"][".py"] == 1 and context["notes"] == []
    (workspace / "CONVENTIONS.md").mkdir()
    os.mkfifo(workspace / "project.md")
    context = call(agent, "context", workspace).json()
    assert context["instructions"] == {"AGENTS.md": "Be brief.\n"}
    assert context["notes"] == ["CONVENTIONS.md is not a regular file.", "project.md is not a regular file."]


def test_edit_and_write(agent: RunningAgent, workspace: Path) -> None:
    """Whole file, exact passage, diff; and what is none of the three."""
    assert call(agent, "write", workspace, path="new.txt", content="a\nb\n").json()["created"] is True
    done = call(agent, "edit", workspace, path="new.txt", old="a", new="A").json()
    assert (done["success"], done["changed"], "+A" in done["diff"]) == (True, ["new.txt"], True)
    done = call(agent, "edit", workspace, diff="--- a/new.txt\n+++ b/new.txt\n@@ -1 +1 @@\n-A\n+B\n").json()
    assert (done["changed"], (workspace / "new.txt").read_text()) == (["new.txt"], "B\nb\n")
    assert call(agent, "edit", workspace, path="new.txt", content="whole\n").json()["changed"] == ["new.txt"]
    for body in (
        {},
        {"path": "new.txt"},
        {"path": "new.txt", "old": "w"},
        {"path": "new.txt", "content": "", "diff": ""},
    ):
        assert call(agent, "edit", workspace, **body).json()["code"] == "tool_refused", body


def test_secrets_are_readable_where_the_owner_says_so(agent: RunningAgent, workspace: Path) -> None:
    """To the tools and to bash alike; by the workspace's name or its path."""

    def seen() -> tuple[bool, ...]:
        read = call(agent, "read", workspace, path=".env").text
        bash = call(agent, "bash", workspace, command="cat .env").text
        listed = call(agent, "grep", workspace, pattern="KEY").text
        return tuple("line of a secret" in text for text in (read, bash, listed))

    assert seen() == (False, False, False)
    assert ".env" in " ".join(call(agent, "bash", workspace, command="true").json()["notes"])
    agent.http.post("/api/config", json={"readable_secrets": {"poc": [".env"]}})
    assert seen() == (True, True, True)


def test_who_hangs_up_ends_the_command(agent: RunningAgent, workspace: Path) -> None:
    with pytest.raises(httpx.ReadTimeout):
        agent.http.post("/api/bash", json={"workspace": "poc", "command": "sleep 61.75"}, timeout=1.5)
    wait_for("the command's end", 40, lambda: not _runs(b"sleep\x0061.75\x00"))


def _runs(line: bytes) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == line:
                return True
        except OSError:
            continue
    return False


def test_a_symlink_swapped_while_it_is_read(workspace: Path, tmp_path: Path) -> None:
    """The race that checking a path before opening it loses: shown with such a check, then with ours."""
    inside, outside, name = workspace / "pkg" / "b.txt", tmp_path / "secret.txt", workspace / "swap"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for target in (inside, outside):
                fresh = workspace / "swap.new"
                fresh.symlink_to(os.path.relpath(target, workspace))
                fresh.replace(name)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        while not name.is_symlink():
            pass
        naive, until = set[str | None](), time.monotonic() + 120
        while "line of the neighbour\n" not in naive and time.monotonic() < until:
            naive.add(_checked_then_read(workspace, name))
        ours = {_ours(workspace) for _ in range(4_000)}
    finally:
        stop.set()
        thread.join()
    assert "line of the neighbour\n" in naive
    assert ours <= {"Line of another file\n", None}
    assert "Line of another file\n" in ours


def _checked_then_read(workspace: Path, path: Path) -> str | None:
    return path.read_text() if path.resolve().is_relative_to(workspace) else None


def _ours(workspace: Path) -> str | None:
    with Workspace(workspace) as inside:
        try:
            return inside.read_bytes("swap", 100)[0].decode()
        except OutsideWorkspace:
            return None


async def test_write_and_edit(workspace: Path, tmp_path: Path) -> None:
    assert (await write(workspace, "new/deep/file.py", "x = 1\n")).created
    done = await edit(workspace, "new/deep/file.py", "x = 1", "x = 2")
    assert (done.replaced, "+x = 2" in done.diff) == (1, True)
    assert not (await write(workspace, "new/deep/file.py", "x = 3\n")).created
    for old, what in (("gone", "does not occur"), ("line", "10 times"), ("", "empty")):
        with pytest.raises(ToolRefused, match=what):
            await edit(workspace, "pkg/a.py", old, "y")
    (workspace / "out").symlink_to(tmp_path)
    for path in ("../x", "/tmp/x", ".git/hooks/pre-commit", ".env", "out/x", "pkg/../../x"):
        with pytest.raises((OutsideWorkspace, ToolRefused)):
            await write(workspace, path, "evil")
    (workspace / "link").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ToolRefused):
        await write(workspace, "link", "evil")
    assert (tmp_path / "secret.txt").read_text() == "line of the neighbour\n"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("path", "hidden"), [(".env", True), (".ENV.local", True), (".env.example", False),
    ("a/.git/config", True), ("id_rsa", True), ("id_rsa.pub", False), ("keys.py", False), ("tls/server.key", True),
    (".github/workflows/ci.yml", False)])  # fmt: skip
def test_names_of_secrets(path: str, hidden: bool) -> None:
    assert is_hidden(path) is hidden
