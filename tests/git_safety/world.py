"""A repository that a person and agents work on at once, for random histories; the hub's part is in test_history.

The project's tests, in a word: every file `uses/<x>` needs `defines/<x>`. An agent that takes a definition away is
green by itself, and so is one that uses it; git merges the two without a word.
"""

import asyncio
import itertools
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)

from services.repos.merge import Merged
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from services.workflows import merging
from tests.integration.repos.conftest import IDENTITY, Person

SYMBOLS = ("a", "b")


@dataclass
class Job:
    """A task on its branch. `approved` is the patch that the person agreed to, None while they have not."""

    key: str
    branch: str
    base_sha: str
    number: int = 1
    approved: str | None = None
    merged: Merged | None = None


def is_green(files: set[str]) -> bool:
    return all(f"defines/{name.removeprefix('uses/')}" in files for name in files if name.startswith("uses/"))


class World(RuleBasedStateMachine):
    """`approved` are all commits that were ever approved; `mine` the person's bytes that are not committed, by file."""

    deadline = float("inf")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.patch = pytest.MonkeyPatch()
        self.jobs: list[Job] = []
        self.approved: set[str] = set()
        self.mine: dict[str, bytes] = {}
        self.names = itertools.count(1)

    @initialize()
    def begin(self) -> None:
        if self.over():
            return
        self.person = Person(self.folder / "work")
        self.person.path.mkdir()
        self.person.git("init", "-q", "-b", "main")
        self.person.commit({"notes.txt": "notes\n", **{f"defines/{name}": "x\n" for name in SYMBOLS}}, "First")
        self.new_process()
        self.patch.setattr(merging, "_check_approved", self.check_approved)

    def new_process(self) -> None:
        """The hub after a crash: it remembers nothing but what is on the disk."""
        self.repos = Repos(self.folder / "home", IDENTITY)
        self.patch.setattr(merging, "bench", lambda: SimpleNamespace(repos=self.repos))

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def over(self) -> bool:
        return time.monotonic() > self.deadline

    def files(self, commit: str) -> set[str]:
        return set(Person(self.repos.depot.mirror(1)).git("ls-tree", "-r", "--name-only", commit).splitlines())

    def main_is_green(self) -> bool:
        return is_green(set(self.person.git("ls-tree", "-r", "--name-only", "main").splitlines()))

    # what the person does

    @rule(name=st.sampled_from(["notes.txt", "draft.txt", "made/x"]), data=st.binary(max_size=20), staged=st.booleans())
    def person_edits(self, name: str, data: bytes, staged: bool) -> None:
        if self.over():
            return
        file = self.person.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        self.mine[name] = data
        if staged:
            self.person.git("add", name)

    @rule(name=st.sampled_from(["notes.txt", "uses/a", "own.txt"]))
    def person_commits(self, name: str) -> None:
        if self.over():
            return
        file = self.person.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{next(self.names)}\n")
        self.person.git("add", "--all")
        self.person.git("commit", "-qm", "Mine")
        self.mine.clear()

    @rule()
    def person_puts_their_edits_away(self) -> None:
        if self.over() or not self.mine:
            return
        self.person.git("stash", "push", "-q", "--include-untracked")
        self.mine.clear()

    # what agents do

    @rule(what=st.sampled_from(["use", "take away", "notes", "made"]), name=st.sampled_from(SYMBOLS))
    def agent_works(self, what: str, name: str) -> None:
        """And its person approves it, where its tests are green."""
        if self.over():
            return
        key = f"POC-{next(self.names)}"
        base = self.run(self.repos.target(1, self.person.path, "main"))
        job = Job(key, f"wfhub/{key}-1", base)
        self.write(self.opened(job), what, name)
        self.jobs.append(job)
        self.prove_and_approve(job)

    def write(self, tree: Worktree, what: str, name: str) -> None:
        target = {"use": f"uses/{name}", "take away": f"defines/{name}", "notes": "notes.txt", "made": "made/x"}[what]
        file = tree.path / target
        if what == "take away":
            file.unlink(missing_ok=True)
            (tree.path / "uses" / name).unlink(missing_ok=True)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{tree.task_key} {next(self.names)}\n")
        self.run(self.repos.commit_all(tree, "Work", {"Task": tree.task_key}))

    def opened(self, job: Job) -> Worktree:
        return self.run(self.repos.open_worktree(1, job.key, job.branch, job.base_sha))

    def prove_and_approve(self, job: Job) -> None:
        head = self.run(self.repos.head(1, job.branch))
        if head == job.base_sha or not is_green(self.files(head)):
            job.approved = None
            return
        job.approved = self.run(self.repos.patch_id(1, job.base_sha, head))
        self.approved.add(head)

    async def check_approved(self, task: Any, _project: Any) -> None:
        if task.approved != await self.repos.patch_id(1, task.base_sha, task.branch):
            raise merging.ApprovalMissing("It changed after it was approved.", "Approve it.")

    def teardown(self) -> None:
        self.patch.undo()
        self.loop.close()
        shutil.rmtree(self.folder)
