"""No name, no folder and no size keeps a file of the change from the scanners, or from being told of."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.agent.conftest import RunningAgent, run_of

# In pieces, so that scanners of this repository do not stop at this file.
SECRET = "AKIA" + "QWERTYUIOPASDFGH"
BAD = f"KEY = '{SECRET}'\neval(KEY)\n"


@pytest.fixture
def agent(shared_agent: RunningAgent) -> RunningAgent:
    return shared_agent


def scanned(agent: RunningAgent, worktree: Path, git_dir: Path | None = None, base: Path | None = None) -> Any:
    settings = {"executor": "scan", "base_worktree": str(base) if base else None}
    spec: dict[str, Any] = {"run_id": run_of(worktree), "step": "sec", "worktree": str(worktree), "settings": settings}
    agent.put(spec | ({"git_dir": str(git_dir)} if git_dir else {}))
    result = agent.finished(spec)["result"]
    assert result["outcome"] == "completed", result
    return result


def found_in(result: Any) -> set[tuple[str, str]]:
    return {(one["rule"], one["file"]) for one in result["findings"]}


@pytest.mark.parametrize("name", [b"two\nlines.py", b"form\x0cfeed.py", "line\u2028end.py".encode(), b"latin-\xe9.py"])
def test_names_of_any_bytes(agent: RunningAgent, worktree: Path, name: bytes) -> None:
    with open(os.path.join(os.fsencode(worktree), name), "w") as file:  # noqa: PTH118, PTH123 - a name of any bytes
        file.write(BAD)
    shown = name.decode("utf-8", "replace")
    assert {("AWS Access Key", shown), ("B307", shown)} <= found_in(scanned(agent, worktree))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "mirror.git"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", *arguments]
    return subprocess.run(command, cwd=folder, input="", text=True, capture_output=True, check=True).stdout.strip()


def test_what_is_committed_in_folders_that_look_installed(
    agent: RunningAgent, tmp_path: Path, repository: Path
) -> None:
    tree, base = tmp_path / "tree", tmp_path / "base"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(repository))
    empty = git(repository, "commit-tree", "-m", "first", git(repository, "mktree"))
    git(repository, "worktree", "add", "-q", str(base), empty)
    (base / "node_modules").mkdir()
    (base / "node_modules" / "vendored.py").write_text(BAD)
    git(base, "add", "--all")
    git(base, "commit", "-qm", "As it was")
    git(repository, "worktree", "add", "-q", "--detach", str(tree), git(base, "rev-parse", "HEAD"))
    (tree / "till").mkdir()
    (tree / "till" / "pyvenv.cfg").write_text("")
    (tree / "till" / "code.py").write_text(BAD)
    (tree / "node_modules" / "new.py").write_text(BAD)
    git(tree, "add", "--all", "--force")
    git(tree, "commit", "-qm", "The change")
    (tree / ".venv").mkdir()
    (tree / ".venv" / "pyvenv.cfg").write_text("")
    (tree / ".venv" / "installed.py").write_text(BAD)
    found = found_in(scanned(agent, tree, repository, base))
    assert {name for _, name in found} == {"till/code.py", "node_modules/new.py"}


def test_a_file_that_is_too_large_is_told_of(agent: RunningAgent, worktree: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for folder in (base, worktree):
        (folder / "old.bin").write_bytes(b"\0" * 2_000_001)
    (worktree / "new.py").write_text(BAD + "#" * 2_000_000)
    result = scanned(agent, worktree, base=base)
    told = "Not scanned, for they are larger than 2000000 bytes: new.py."
    assert result["notes"] == [told] and told in result["sentence"]
