"""Random histories of a repository that a person and agents work on at once: nothing that counts is ever lost."""

import os
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.domain.errors import HubError
from services.repos.errors import MergeWaits, NothingToUndo
from services.repos.methods import METHODS, MergeMethod
from services.repos.undo import Undoing
from services.repos.upkeep import SAMPLE, Upkeep
from services.tasks.errors import NothingToMerge
from services.workflows import merging
from tests.git_safety.world import Job, World
from tests.integration.repos.conftest import Person
from tests.integration.repos.test_merge import Killed, die_after

SECONDS = float(os.environ.get("WFHUB_HISTORY_SECONDS", "20"))


class Histories(World):
    """`merges` counts those of all histories."""

    merges = 0

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
    @rule(data=st.data(), crash=st.none() | st.integers(0, 12))
    def undo(self, data: st.DataObject, crash: int | None) -> None:
        if self.over():
            return
        job = data.draw(st.sampled_from([one for one in self.jobs if one.merged]))
        merged, job.merged, job.approved = job.merged, None, None
        assert merged is not None
        name = f"undo-{next(self.names)}"
        undoing = Undoing(1, self.person.path, "main", merged.commit, merged.target_before)
        if crash is not None:
            with pytest.MonkeyPatch.context() as dying:
                die_after(dying, crash)
                with suppress(Killed, HubError):
                    self.run(self.repos.undo_merge(undoing, "Undo", {"Task": job.key}, name))
            self.new_process()
        try:
            self.run(self.repos.undo_merge(undoing, "Undo", {"Task": job.key}, name))
        except (MergeWaits, NothingToUndo) as error:
            assert self.mine or isinstance(error, NothingToUndo) or error.data["reason"] == "moved"
        except HubError as error:
            assert error.code == "merge_conflict", error  # later work builds on it

    @precondition(lambda self: any(not job.merged for job in self.jobs))
    @rule(data=st.data(), half=st.booleans(), crash=st.none() | st.integers(0, 12))
    def roll_back(self, data: st.DataObject, half: bool, crash: int | None) -> None:
        """To where its branch began, also with a file that was not committed; and then it is worked on again."""
        if self.over():
            return
        job = data.draw(st.sampled_from([one for one in self.jobs if not one.merged]))
        if half:
            (self.opened(job).path / "half.txt").write_text(f"{next(self.names)}\n")
        if crash is not None:
            with pytest.MonkeyPatch.context() as dying:
                die_after(dying, crash)
                with suppress(Killed):
                    self.rolled_back(job)
            self.new_process()
        self.rolled_back(job)
        tree = self.opened(job)
        assert tree.head == job.base_sha and not (tree.path / "half.txt").exists()
        job.approved = None
        self.write(tree, "made", "a")
        self.prove_and_approve(job)

    def rolled_back(self, job: Job) -> None:
        tip = self.run(self.repos.head(1, job.branch))
        self.run(self.repos.keep_tip(1, job.key, tip, "rolled-back"))
        self.run(self.repos.restore(self.opened(job), job.base_sha, job.key))

    @rule()
    def packed(self) -> None:
        """The upkeep of the mirror: whatever nothing points at is old enough to go."""
        if self.over() or not self.jobs:
            return
        mirror = self.repos.mirror(1)
        for file in (mirror / "objects").glob("??/*"):
            os.utime(file, (0, 0))
        (mirror / "objects" / SAMPLE).mkdir(exist_ok=True)
        (mirror / "objects" / SAMPLE / "tmp_obj_as_if_many").touch()
        assert self.run(self.repos.keep_small(1, Upkeep(loose=1)))

    # what always holds

    @invariant()
    def what_was_approved_is_reachable(self) -> None:
        if self.approved:
            there = Person(self.repos.depot.mirror(1)).git("rev-list", "--all").split()
            assert self.approved <= set(there)

    @invariant()
    def the_persons_bytes_are_theirs(self) -> None:
        assert {name: (self.person.path / name).read_bytes() for name in self.mine} == self.mine


def test_random_histories_lose_nothing_and_keep_main_green() -> None:
    Histories.merges = 0  # bounded by number: a history that the clock cuts off differs when it is played again
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
