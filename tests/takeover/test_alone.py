"""On SQLite there is one orchestrator, and nothing that would start it again."""

import signal
import time
from pathlib import Path

from tests.takeover.conftest import crew_on, nothing_was_done_twice, until

TTL = 2.0
QUICK = {"WORKER_TTL_SECONDS": str(TTL), "WORKER_BEAT_SECONDS": "0.4", "SWEEP_SECONDS": "0.4"}


def test_frozen_for_long_it_only_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    with crew_on(sqlite_url, tmp_path, **QUICK) as crew:
        crew.hold("dev")
        boot = crew.boot()
        task = crew.task()
        crew.working("dev")
        boot.send(signal.SIGSTOP)
        time.sleep(TTL * 1.5)
        boot.send(signal.SIGCONT)
        crew.release("dev")
        crew.approve(task)
        crew.finished(task)
        assert boot.process.poll() is None
        assert len(crew.names(boot)) == 1
        nothing_was_done_twice(crew)


def test_a_fault_of_the_program_costs_no_run(sqlite_url: str, tmp_path: Path) -> None:
    """Whatever fails, the process begins anew with the same pid, and carries on the job that went on meanwhile."""
    with crew_on(sqlite_url, tmp_path, **QUICK) as crew:
        crew.hold("dev")
        boot = crew.boot(ADMISSION="fails")
        task = crew.task()
        crew.working("dev")
        (crew.gates / "fault").touch()
        until(lambda: len(crew.names(boot)) == 2, crew.story)
        assert boot.process.poll() is None
        [crash] = boot.said("worker.crashed")
        assert "a fault of the program" in str(crash["exception"])
        crew.release("dev")
        crew.approve(task)
        crew.finished(task)
        nothing_was_done_twice(crew)


def test_a_sweep_that_fails_is_told_and_holds_nothing_up(sqlite_url: str, tmp_path: Path) -> None:
    with crew_on(sqlite_url, tmp_path, **QUICK) as crew:
        boot = crew.boot(SWEEP="fails")
        task = crew.task()
        crew.approve(task)
        crew.finished(task)
        until(lambda: len(boot.said("sweep.failed")) > 1, crew.story)
        assert len(crew.names(boot)) == 1
        assert not (crew.home / "run" / "orchestrator.health").exists(), "its health would say that all is well"
