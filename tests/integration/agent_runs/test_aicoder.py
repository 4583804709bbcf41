"""aicoder as a person types it, in folders of all kinds."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import aicoder_setup
from services.cli.aicoder import app
from services.domain.errors import Conflict, HubError
from services.stack.secrets import read_env_file
from tests.integration.agent_runs.conftest import Caller
from tests.support.agent_jobs import make_repository


@pytest.fixture
def aicoder(caller: Caller) -> Any:
    """Run it in a folder; it finds the hub and its token by itself."""
    root = caller.hub.settings.root

    def run(cwd: Path, *arguments: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), "WFHUB_ROOT": str(root), "COLUMNS": "200"}
        environment["AGENT_API_PORT"] = str(caller.hub.settings.agent_api_port)  # a test's ports are not in .env
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [sys.executable, "-m", "services.cli.aicoder", *arguments]
        given = {"input": said} if said is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, **given)

    return run


MODEL = ("--model", "scripted/agent")


def test_it_edits_the_folder_and_shows_the_difference(caller: Caller, aicoder: Any, tmp_path: Path) -> None:
    whole = make_repository(tmp_path / "project", {"part/main.py": "print()\n", "readme.md": "Read.\n"})
    done = aicoder(whole / "part", "--subtree-only", *MODEL, "--timeout", "30", "--execute", "GREET-THE-READER")
    assert done.returncode == 0, done.stderr
    assert (whole / "part" / "hello.txt").read_text() == "Hello.\n" and not (whole / "hello.txt").exists()
    assert "+Hello." in done.stdout and "Changed: hello.txt" in done.stdout
    status = subprocess.run(["git", "status", "--short"], cwd=whole, capture_output=True, text=True, check=True)
    assert status.stdout == "?? part/hello.txt\n"
    done = aicoder(whole / "part", *MODEL, "--commit", "../readme.md", said="GREET-THE-READER")
    assert (whole / "hello.txt").exists() and "Committed as" in done.stdout, done.stderr
    assert "the repository around part" in done.stderr


def test_no_repository_is_needed_and_nothing_outside_is_touched(caller: Caller, aicoder: Any, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    done = aicoder(folder, "--no-git", *MODEL, "--json", "-x", "GREET-THE-READER")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["success"], answer["files"]) == (0, True, ["hello.txt"])
    done = aicoder(folder, "--no-git", *MODEL, "-x", "WRITE-OUTSIDE")
    assert done.returncode == 1 and "✗" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plain"] and [path.name for path in folder.iterdir()] == [
        "hello.txt"
    ]


def test_what_it_refuses(caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = caller.hub.settings
    monkeypatch.setenv("WFHUB_ROOT", str(settings.root))
    monkeypatch.setenv("AGENT_API_PORT", str(settings.agent_api_port))
    monkeypatch.chdir(tmp_path)
    for arguments, says in (
        (("../secret.txt", "-x", "GREET-THE-READER"), "is outside of"),
        (("--commit", "--no-git", "-x", "GREET-THE-READER"), "needs the whole repository"),
        (("--folder", "gone", "-x", "GREET-THE-READER"), "is not a folder"),
        (("--model", "nobody/x", "-x", "GREET-THE-READER"), "no provider"),
        (("--set-model", "agent"), "no model's name"),
        (("--set-ollama-base", "gpu.lan"), "no address"),
        ((), "nothing to do"),
    ):
        refused = CliRunner().invoke(app, arguments)
        assert isinstance(refused.exception, HubError) and says in str(refused.exception), refused
    monkeypatch.setenv("AGENT_API_PORT", "9")
    away = CliRunner().invoke(app, ["-x", "GREET-THE-READER"])
    assert "does not answer" in str(away.exception) and "./start.sh" in str(away.exception)


def test_what_is_set_is_kept(caller: Caller, aicoder: Any, tmp_path: Path) -> None:
    try:
        assert aicoder(tmp_path, "--set-model", "scripted/agent").returncode == 0
        assert caller.http.get("/api/config").json()["model"] == "scripted/agent"
        assert aicoder(tmp_path, "--no-git", "-x", "GREET-THE-READER").returncode == 0
    finally:
        (caller.hub.settings.home / "agent-config.json").unlink(missing_ok=True)
    assert aicoder(tmp_path, "--set-ollama-base", "http://gpu.lan:11434/v1").returncode == 0
    assert read_env_file(caller.hub.settings.root / ".env")["OLLAMA_URL"] == "http://gpu.lan:11434"


def test_the_link_is_made_and_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "venv" / "bin" / "aicoder"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(aicoder_setup, "_program", lambda: program)
    for _ in range(2):
        aicoder_setup.install(tmp_path / "bin")
        assert (tmp_path / "bin" / "aicoder").resolve() == program
    aicoder_setup.uninstall(tmp_path / "bin")
    assert not (tmp_path / "bin" / "aicoder").exists()
    (tmp_path / "bin" / "aicoder").write_text("mine")
    for refused in (aicoder_setup.install, aicoder_setup.uninstall):
        with pytest.raises(Conflict):
            refused(tmp_path / "bin")
