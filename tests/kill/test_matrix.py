"""Killed or stopped at points that the processes reported, started again: everything is finished, once.

Some cells of the matrix: each victim, killed and stopped, in each stage, alone and all at once, on both databases. The
whole of it is run by `just kill-matrix`, and told in docs/reliability.md.
"""

import subprocess
from collections.abc import Callable

import pytest

from services.points import Point
from tests.kill.afterwards import faults
from tests.kill.cells import ALL, carry
from tests.kill.conftest import Ready
from tests.kill.person import git

pytestmark = [pytest.mark.kill, pytest.mark.aider]
STORIES: dict[str, dict[str, list[tuple[str, str, str, str]]]] = {
    "sqlite": {
        "all through": [
            ("main-api", "kill", Point.CALL_ASKED, "plan"),
            ("agent-api", "kill", Point.JOB_WORKED, "edit"),
            ("orchestrator", "kill", Point.JOB_KNOWN, "judge"),
            (ALL, "kill", Point.JOB_FOLLOWED, "tests"),
            ("orchestrator", "kill", Point.MERGE_DELIVERED, ""),
        ],
        "the other way round": [
            ("orchestrator", "kill", Point.PLAN_WRITTEN, ""),
            (ALL, "kill", Point.CALL_ASKED, "edit"),
            ("main-api", "kill", Point.CALL_STORED, "judge"),
            ("agent-api", "kill", Point.JOB_BEGUN, "tests"),
            ("scripted-model", "stop", Point.SETTLE_COMMITTED, "deploy"),
        ],
    },
    "postgresql": {
        "with two orchestrators": [
            ("agent-api", "stop", Point.JOB_BEGUN, "plan"),
            ("orchestrator", "kill", Point.CHANGE_COMMITTED, "edit"),
            ("scripted-model", "kill", Point.CALL_HELD, "judge"),
            ("postgresql", "kill", Point.JOB_KNOWN, "tests"),
            ("orchestrator", "stop", Point.MERGE_MADE, ""),
        ],
        "and a database that stands still": [
            ("orchestrator", "kill", Point.ADMIT_COMMITTED, ""),
            ("main-api", "stop", Point.CALL_ASKED, "edit"),
            ("postgresql", "stop", Point.SETTLE_WRITTEN, "qa"),
            (ALL, "kill", Point.MERGE_DONE, "merge"),
        ],
    },
}


@pytest.mark.parametrize(
    ("database", "name"),
    [
        pytest.param(database, name, marks=[pytest.mark.postgres] if database == "postgresql" else [])
        for database, stories in STORIES.items()
        for name in stories
    ],
)
def test_struck_and_started_again_everything_is_finished_once(
    ready: Callable[[str], Ready], database: str, name: str
) -> None:
    hub, usual = ready(database)
    cells = [usual.cell(*blow) for blow in STORIES[database][name]]
    told = carry(hub, cells, name, usual)
    hub.spoilt = bool(told[0].wrong)
    print({str(one.cell): one.seconds for one in told})
    assert not told[0].wrong, "\n".join(told[0].wrong)


def test_what_is_wrong_is_seen(ready: Callable[[str], Ready]) -> None:
    """The looks that each cell ends with find what a broken hub would leave."""
    hub, usual = ready("sqlite")
    person, home = usual.person, hub.settings.home
    answered = len(usual.facts["answers"])
    assert faults(hub, person, hub.asked() - answered) == []
    job, left = home / "jobs" / "nobody" / "0-edit", subprocess.Popen(["sleep", "600"], env={"WFHUB_HOME": str(home)})
    try:
        (home / "repos" / "index.lock").touch()
        job.mkdir(parents=True)
        hub.change("UPDATE model_calls SET request_sha256 = 'same', ordinal = 0 WHERE project_id = :id",
                   id=person.project["id"])  # fmt: skip
        identity = ("-c", "user.name=p", "-c", "user.email=p@x")
        again = git(
            person.workspace, *identity, "commit-tree", "-p", "main", "-p", "main^2", "-m", "again", "main^{tree}"
        )
        git(person.workspace, "update-ref", "refs/heads/main", again)
        wrong = "\n".join(faults(hub, person, hub.asked() - answered - 1))
    finally:
        hub.spoilt = True
        left.kill()
        left.wait()
    for word in (
        "a lock",
        "job without a result",
        "asked for again",
        "process was left",
        "the model was asked",
        "2 merges",
    ):
        assert word in wrong, wrong
