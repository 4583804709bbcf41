"""The demo's story with the real Aider, the gateway and the scripted model, on two orchestrators that are struck."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from services.demo.hub_client import HubClient
from services.demo.narrator import Narrator
from services.demo.sample_project import SCENARIO
from services.demo.story import Outcome, Wish, tell
from services.stack.environments import orchestrator_environment
from tests.support.local_hub import local_hub, sample
from tests.takeover.conftest import TTL, until

pytestmark = [pytest.mark.postgres, pytest.mark.aider]
REQUEST = SCENARIO.with_name("request.txt").read_text()


class Teller(threading.Thread):
    """The person: asks, approves, waits, while the test kills."""

    def __init__(self, client: HubClient, workspace: Path) -> None:
        super().__init__(daemon=True)
        self._client, self._wish = client, Wish("Till", str(workspace), REQUEST, "scripted/demo", silent_seconds=240)
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


def merges(workspace: Path) -> list[str]:
    command = ["git", "-C", str(workspace), "log", "--first-parent", "--merges", "--format=%s", "main"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_no_answer_is_asked_for_twice(postgres_url: str, tmp_path: Path) -> None:
    times = {"WORKER_TTL_SECONDS": str(TTL), "WORKER_BEAT_SECONDS": "0.5", "SWEEP_SECONDS": "1", "RUN_MAX_DEATHS": "20"}
    engine = sa.create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))

    def rows(query: str, **values: Any) -> list[tuple[Any, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def freeze() -> int:
        """The process that was stopped in the midst of a task's run, which another has taken over now."""
        carried = (
            "SELECT w.pid, r.id FROM runs r JOIN workers w ON w.id = r.owner "
            "WHERE r.task_id IS NOT NULL AND r.state = 'running' AND r.job_started_at IS NOT NULL"
        )
        taken = "SELECT 1 FROM events WHERE kind = 'run.taken_over'"

        def over(run: str) -> bool:
            ended = rows("SELECT 1 FROM runs WHERE id = :run AND state <> 'running'", run=run)
            return bool(ended or rows(taken))

        for _ in range(20):
            pid, run = until(lambda: rows(carried), "no run of a task")[0]
            os.kill(pid, signal.SIGSTOP)
            until(partial(over, run), "not taken over")
            if rows(taken):
                return pid
            os.kill(pid, signal.SIGCONT)  # the run had just ended
        raise AssertionError("each run had just ended")

    with local_hub(tmp_path / "a hub", DATABASE_URL=postgres_url, **times) as hub:
        log = (tmp_path / "second.log").open("wb")
        second = subprocess.Popen(
            [sys.executable, "-m", "services.workflows.worker"], env=orchestrator_environment(hub.settings),
            cwd=hub.settings.home, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: rows("SELECT count(*) FROM workers") == [(2,)], "the second one does not come")
            teller = Teller(hub.client, sample(hub))
            teller.start()
            frozen = freeze()
            time.sleep(0.5)
            os.kill(frozen, signal.SIGCONT)
            until(lambda: rows("SELECT count(*) FROM workers") == [(2,)], "the frozen one does not come back")
            os.kill(second.pid, signal.SIGKILL)
            outcome = teller.join_or_raise(500)
        finally:
            second.kill()
            second.wait(10)
            log.close()
        assert [task["state"] for task in outcome.tasks] == ["done"] * len(outcome.tasks)
        assert len(merges(Path(outcome.project["workspace_path"]))) == len(outcome.tasks) >= 3
        twice = (
            "SELECT count(*) FROM model_calls WHERE outcome = 'answered' "
            "GROUP BY run_id, step, request_sha256, ordinal HAVING count(*) > 1"
        )
        assert rows(twice) == []
        assert rows("SELECT count(*) FROM model_answers") == [(hub.asked(),)]
        assert rows("SELECT count(*) FROM runs WHERE state IN ('queued', 'running', 'lost')") == [(0,)]
        assert rows("SELECT max(round) FROM tasks") == [(2,)]  # the script's one wrong answer; a blow is no round
    engine.dispose()
