"""Kill -9 any process in the middle of DEV and of QA, start again, and everything is finished: once."""

import io
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from services.demo.hub_client import HubClient
from services.demo.narrator import Narrator
from services.demo.sample_project import SCENARIO
from services.demo.story import Outcome, Wish, tell
from tests.support.local_hub import LocalHub, local_hub, sample

pytestmark = [pytest.mark.kill, pytest.mark.aider]
REQUEST = SCENARIO.with_name("request.txt").read_text()


class Teller(threading.Thread):
    """The person: asks, approves, waits, while the test kills."""

    def __init__(self, client: HubClient, workspace: Path) -> None:
        super().__init__(daemon=True)
        self._client, self._wish = client, Wish("Till", str(workspace), REQUEST, "scripted/demo", silent_seconds=90)
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            narrator = Narrator(Console(file=io.StringIO()))
            self.outcome = tell(self._client, narrator, self._wish, ask=lambda _: True)
        except BaseException as error:  # noqa: BLE001  (given to the test by join_or_raise)
            self.error = error

    def join_or_raise(self, seconds: float) -> Outcome:
        self.join(seconds)
        if self.error is not None:
            raise self.error
        assert self.outcome is not None, "the story did not end"
        return self.outcome


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with local_hub(tmp_path / "a hub") as running:
        yield running


def wait_for_job(hub: LocalHub, stage: str, seconds: float = 60) -> None:
    """Until a run of that stage is running and its agent works on a step."""
    until = time.monotonic() + seconds
    query = "SELECT 1 FROM runs WHERE stage = ? AND state = 'running' AND job_started_at IS NOT NULL"
    while not hub.rows(query, stage):
        assert time.monotonic() < until, f"no run of {stage} came"
        time.sleep(0.005)


def merges(workspace: Path) -> list[str]:
    command = ["git", "-C", str(workspace), "log", "--first-parent", "--merges", "--format=%s", "main"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


SERVICES = ["agent-api", "main-api", "orchestrator"]  # in starting order


@pytest.mark.parametrize("stage", ["dev", "qa"])
@pytest.mark.parametrize("victims", [*[[name] for name in SERVICES], SERVICES], ids="+".join)
def test_killed_in_the_middle_everything_is_finished_once(hub: LocalHub, victims: list[str], stage: str) -> None:
    workspace = sample(hub)
    teller = Teller(hub.client, workspace)
    teller.start()
    wait_for_job(hub, stage)
    for pid in [hub.pid(victim) for victim in victims]:
        os.kill(pid, signal.SIGKILL)
    assert hub.stack.start() == victims
    outcome = teller.join_or_raise(180)
    assert [task["state"] for task in outcome.tasks] == ["done"] * len(outcome.tasks)
    assert len(outcome.tasks) >= 3
    assert len(merges(workspace)) == len(outcome.tasks)
    answers = hub.rows("SELECT count(*) FROM model_answers")[0][0]
    again = hub.rows(
        "SELECT count(*) FROM model_calls WHERE outcome = 'answered' "
        "GROUP BY run_id, step, request_sha256, ordinal HAVING count(*) > 1"
    )
    assert again == []
    # a question may have been cut before its answer was stored; nothing else was ever asked twice
    cut = hub.rows("SELECT count(*) FROM model_calls WHERE outcome NOT IN ('answered', 'replayed')")[0][0]
    assert cut <= 2  # two tasks run at the same time, each asks one thing at a time
    assert answers <= hub.asked() <= answers + cut
    assert hub.rows("SELECT count(*) FROM runs WHERE state IN ('queued', 'running')") == [(0,)]
    counted = hub.rows("SELECT max(round) FROM tasks")
    assert counted == [(2,)]  # the one wrong answer of the script; what was killed is no round
