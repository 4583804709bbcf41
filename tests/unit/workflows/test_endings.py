"""What a person has to mend costs no round, wherever it is met."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.domain.states import WaitingReason
from services.reviews.gate import Verdict
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
