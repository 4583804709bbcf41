"""On SQLite there is one orchestrator: frozen for long, it only goes on, for nobody else could take its runs."""

import signal
import time
from pathlib import Path

from tests.takeover.conftest import crew_on, nothing_was_done_twice

TTL = 2.0
QUICK = {"WORKER_TTL_SECONDS": str(TTL), "WORKER_BEAT_SECONDS": "0.4", "SWEEP_SECONDS": "0.4"}


def test_it_goes_on_when_the_lid_opens(sqlite_url: str, tmp_path: Path) -> None:
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
