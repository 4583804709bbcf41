"""What a person has to mend costs no round, wherever it is met."""

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.domain.states import WaitingReason
from services.repos.carry_over import Conflict, Hunk
from services.reviews.gate import Verdict
from services.workflows.both_sides import sides_of, told_of
from services.workflows.ending import ending_of

REASONS = ["disk_full", "repository_disk_full", "repository_forbidden", "repository_not_owned", "workspace_missing",
           "workspace_is_file", "workspace_bare", "git_missing", "git_too_old", "setup_failed"]  # fmt: skip


@pytest.mark.parametrize("executor", ["prepare", "merge", "aider", "command"])
@pytest.mark.parametrize("reason", REASONS)
def test_trouble_with_the_workspace_waits_for_the_person(reason: str, executor: str) -> None:
    entry = {"outcome": "failed", "reason": reason, "sentence": "What to do.", "executor": executor, "name": "x"}
    run = cast("Any", SimpleNamespace(details={"steps": {"0-x": entry}}))
    task, stage = cast("Any", SimpleNamespace(round=1)), cast("Any", SimpleNamespace(name="deploy", title="DEPLOY"))
    ending = ending_of(run, task, stage, cast("Any", None), Verdict(True, (), ()))
    assert (ending.waits, ending.sentence) == (WaitingReason.WORKSPACE, "What to do.")
    assert not ending.new_round and not ending.findings


def test_a_change_that_is_not_the_approved_one_is_asked_about_anew() -> None:
    """It goes to its own stage again, which asks; waiting without a question, nobody could answer."""
    entry = {
        "outcome": "failed",
        "reason": "approval_missing",
        "sentence": "Changed.",
        "executor": "merge",
        "name": "x",
    }
    run = cast("Any", SimpleNamespace(details={"steps": {"0-x": entry}}))
    stage = cast("Any", SimpleNamespace(name="deploy", title="DEPLOY"))
    ending = ending_of(run, cast("Any", SimpleNamespace(round=1)), stage, cast("Any", None), Verdict(True, (), ()))
    assert (ending.waits, ending.goes_to, ending.new_round) == (None, "deploy", False)


def test_both_sides_of_a_conflict_are_told_and_bounded() -> None:
    long = Conflict("a.py", None, None, tuple(Hunk(n, "t" * 5_000, "b" * 5_000) for n in range(12)))
    gone = Conflict("b.py", "mine\n", None)
    many = tuple(Conflict(f"{n}", "x" * 6_000, "y" * 6_000) for n in range(20))
    kept = {one["path"]: one for one in sides_of((gone, *many))}
    assert "b.py" in kept and len(str(kept)) < 50_000 and len(kept) < 6
    told = told_of("b.py", kept["b.py"], kept="wfhub/POC-1-2", old=None)
    assert "The main branch has:\n```\nmine\n\n```" in told and "(it deleted the file)" in told
    told = told_of("a.py", asdict(long), kept=None, old="wfhub/POC-1-1")
    assert "all of what was done is on wfhub/POC-1-1" in told and "… and 4 more places." in told and len(told) < 7_000
    assert "only one side can stay" in told_of("c", {"path": "c", "binary": True}, kept="x", old=None)
