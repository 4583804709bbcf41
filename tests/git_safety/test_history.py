"""Random histories of a repository that a person and agents work on at once: nothing that counts is ever lost.

The project's tests, in a word: every file `uses/<x>` needs `defines/<x>`. An agent that takes a definition away is
green by itself, and so is one that uses it; git merges the two without a word.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.domain.errors import HubError
from services.repos.errors import MergeWaits, NothingToUndo
from services.repos.merge import Merged
from services.repos.methods import METHODS, MergeMethod
from services.repos.repos import Repos
from services.repos.undo import Undoing
from services.repos.worktree import Worktree
from services.tasks.errors import NothingToMerge
from services.workflows import merging
from tests.integration.repos.conftest import IDENTITY, Person
from tests.integration.repos.test_merge import Killed, die_after

SECONDS = float(os.environ.get("WFHUB_HISTORY_SECONDS", "20"))
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


class Histories(RuleBasedStateMachine):
    """`approved` are all commits that were ever approved; `mine` the person's bytes that are not committed, by file."""

    deadline = float("inf")
    merges = 0

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

    # what the hub does

    @precondition(lambda self: self.waiting())
    @rule(data=st.data(), method=st.sampled_from(METHODS), crash=st.none() | st.integers(0, 20))
    def merge(self, data: st.DataObject, method: MergeMethod, crash: int | None) -> None:
        if not self.over():
            self.merge_one(data.draw(st.sampled_from(self.waiting())), method, crash)

    @precondition(lambda self: self.waiting())
    @rule(method=st.sampled_from(METHODS))
    def merge_all(self, method: MergeMethod) -> None:
        """With the person's checkout made clean; a second time for those that were brought up by the first."""
        self.person_puts_their_edits_away()
        for job in self.waiting() * 2:
            if job.approved and not job.merged and not self.over():
                self.merge_one(job, method, None)

    def waiting(self) -> list[Job]:
        return [job for job in self.jobs if job.approved and not job.merged]

    def merge_one(self, job: Job, method: MergeMethod, crash: int | None) -> None:
        green = self.main_is_green()
        if crash is not None:
            with pytest.MonkeyPatch.context() as dying:
                die_after(dying, crash)
                with suppress(Killed):
                    self.merged(job, method)
            self.new_process()
        if not job.merged:
            self.merged(job, method)
        assert not green or self.main_is_green(), f"{job.key} turned main red by {method}"
        type(self).merges += job.merged is not None

    def merged(self, job: Job, method: MergeMethod) -> None:
        """As the merging step and what settles it do: merged, proven again, sent back, or left waiting."""
        tree = self.opened(job)
        self.patch.setattr(merging, "worktree_of", lambda _run, _task: tree)
        task = SimpleNamespace(key=job.key, title="Work", branch=job.branch, base_sha=job.base_sha,
                               branch_number=job.number, approved=job.approved)  # fmt: skip
        run = SimpleNamespace(id=f"run-{job.key}-{job.number}", project_id=1)
        project = SimpleNamespace(
            id=1, workspace_path=str(self.person.path), default_branch="main", merge_method=method
        )
        try:
            job.merged = self.run(merging._merge_once(run, task, project))  # type: ignore[arg-type]
        except merging.TargetMoved as error:
            job.base_sha = error.data["base"]
            self.prove_and_approve(job)
        except merging.BranchConflicts as error:
            job.number += 1
            job.branch, job.approved = error.data["carried_to"] or f"wfhub/{job.key}-{job.number}", None
            job.base_sha = error.data["base"]
            self.write(self.opened(job), "notes", "a")
            self.prove_and_approve(job)
        except (merging.ApprovalMissing, NothingToMerge):
            job.approved = None
        except MergeWaits as error:
            assert self.mine or error.data["reason"] in ("moved", "locked"), error

    @precondition(lambda self: any(job.merged for job in self.jobs))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        if self.over():
            return
        job = data.draw(st.sampled_from([one for one in self.jobs if one.merged]))
        merged, job.merged, job.approved = job.merged, None, None
        assert merged is not None
        undoing = Undoing(1, self.person.path, "main", merged.commit, merged.target_before)
        try:
            self.run(self.repos.undo_merge(undoing, "Undo", {"Task": job.key}, f"undo-{next(self.names)}"))
        except (MergeWaits, NothingToUndo) as error:
            assert self.mine or isinstance(error, NothingToUndo) or error.data["reason"] == "moved"
        except HubError as error:
            assert error.code == "merge_conflict", error  # later work builds on it

    # what always holds

    @invariant()
    def what_was_approved_is_reachable(self) -> None:
        if self.approved:
            there = Person(self.repos.depot.mirror(1)).git("rev-list", "--all").split()
            assert self.approved <= set(there)

    @invariant()
    def the_persons_bytes_are_theirs(self) -> None:
        assert {name: (self.person.path / name).read_bytes() for name in self.mine} == self.mine

    def teardown(self) -> None:
        self.patch.undo()
        self.loop.close()
        shutil.rmtree(self.folder)


def test_random_histories_lose_nothing_and_keep_main_green() -> None:
    Histories.deadline, Histories.merges = time.monotonic() + SECONDS, 0
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=max(5, int(SECONDS)), stateful_step_count=25, deadline=None, database=None,
            derandomize=SECONDS <= 20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
    assert Histories.merges, "it merged"


@pytest.mark.parametrize("proven", [True, False])
def test_two_green_changes_are_red_together_unless_the_second_is_proven_again(proven: bool) -> None:
    Histories.deadline = float("inf")
    machine = Histories()
    try:
        machine.begin()
        machine.agent_works("use", "a")
        machine.agent_works("take away", "a")
        for job in machine.jobs:
            if proven:
                machine.merged(job, "merge")
            else:
                place = (1, machine.person.path, job.branch, "main", "Merge", {"Task": job.key}, f"run-{job.key}")
                machine.run(machine.repos.merge(*place))
        assert machine.main_is_green() is proven
        assert (machine.jobs[1].approved is None) is proven, "red on the new target: it goes back to DEV"
    finally:
        machine.teardown()
