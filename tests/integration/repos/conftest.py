"""A person's repository, made by plain git, and the hub's room beside it."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.repos.environment import Identity
from services.repos.repos import Repos
from services.repos.worktree import Worktree

IDENTITY = Identity("Workflow Hub", "hub@example.org")
TRAILERS = {"Task": "POC-1", "Run": "run-1"}


@dataclass
class Person:
    """The person at their own repository: plain git with its own configuration at work."""

    path: Path

    def git(self, *args: str, check: bool = True) -> str:
        variables = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
            "HOME": str(self.path.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *args]
        done = subprocess.run(command, cwd=self.path, capture_output=True, text=True, env=variables, check=False)
        if check and done.returncode:
            raise AssertionError(f"git {args}: {done.stderr}")
        return done.stdout.strip()

    def commit(self, files: dict[str, str], message: str = "A change") -> str:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def head(self, branch: str = "main") -> str:
        return self.git("rev-parse", f"refs/heads/{branch}")

    def merges(self) -> list[str]:
        """Merge commits reachable from main."""
        return self.git("rev-list", "--merges", "main").split()


@pytest.fixture
def person(tmp_path: Path) -> Person:
    folder = tmp_path / 'a person\'s "work" space'
    folder.mkdir()
    one = Person(folder)
    one.git("init", "-q", "-b", "main")
    one.commit({"app.py": "one\ntwo\nthree\n", "README.md": "read me\n"}, "First")
    return one


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "hub home"


@pytest.fixture
def repos(home: Path) -> Repos:
    return Repos(home, IDENTITY)


@pytest.fixture
async def tree(repos: Repos, person: Person) -> Worktree:
    """A task's worktree on branch wf/POC-1, at the person's main."""
    await repos.ensure_mirror(1, person.path, "main")
    return await repos.open_worktree(1, "POC-1", "wf/POC-1", person.head())


@pytest.fixture
def mirror_git(home: Path) -> Callable[..., str]:
    """Plain git in the mirror."""

    def run(*args: str) -> str:
        command = ["git", f"--git-dir={home}/repos/1.git", *args]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    return run
