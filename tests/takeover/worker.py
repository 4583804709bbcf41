"""A real orchestrator that a test can tell to misbehave: `python -m tests.takeover.worker`.

REPORTS        a folder: in the middle of a merge it writes `merging` there and waits while `hold-merge` lies there
FENCE=off      it trusts itself whatever the time, and does not look who owns a run: what a test shows the harm of
SKEW=3600      its host's clock is so many seconds ahead
LAUNCH=3       its engine takes so many seconds to start, in which nothing else goes on
SWEEP=fails    each of its sweeps meets a fault of the program
ADMISSION=fails the admission of runs meets one when a file `fault` lies in GATES, which it takes away
GIVEUP=unheard its first try to tell the engine of a run that it gives up meets a fault
GIVEUP=fails   its first try to stop such a run's jobs meets one
GIVEUP=late    the engine hears only after so long of a run that it gives up that others have swept meanwhile
POISON=dev     it dies by SIGKILL when it carries out a step of that stage's role
"""

# ruff: noqa: E402
import asyncio
import json
import os
import signal
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ["PGAPPNAME"] = f"boot-{uuid.uuid4().hex[:8]}"  # which boot wrote a row: see the audit in conftest.py
# On a line of its own, also where the life before was cut off in the middle of one.
print("\n" + json.dumps({"event": "boot", "name": os.environ["PGAPPNAME"]}), flush=True)

from services.agents.client import AgentClient
from services.repos import merge
from services.store import types
from services.workflows import engine, park, sweep, worker
from services.workflows.admission import Admission
from services.workflows.fence import Fence


def report_merges(folder: Path) -> None:
    real = merge.deliver

    async def slow(*args: Any, **kwargs: Any) -> Any:
        (folder / "merging").write_text(str(os.getpid()))
        while (folder / "hold-merge").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return await real(*args, **kwargs)

    merge.deliver = slow


def take_the_fence_down() -> None:
    nothing: Any = lambda *_: None  # noqa: E731
    Fence.check = Fence.taken = Fence.declared_dead = nothing


def put_the_clock_ahead(seconds: float) -> None:
    ahead = lambda: datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: E731
    for module in [m for m in sys.modules.values() if getattr(m, "now", None) is types.now]:
        vars(module)["now"] = ahead


def launch_slowly(seconds: float) -> None:
    real = worker.DBOS.launch

    def launch() -> None:
        time.sleep(seconds)
        real()

    worker.DBOS.launch = launch


def break_sweeps() -> None:
    async def broken(*_: Any) -> None:
        raise LookupError("a fault of the program")

    sweep.sweep = broken


def break_first(module: Any, name: str) -> None:
    real = getattr(module, name)

    async def broken(*_: Any) -> None:
        setattr(module, name, real)
        raise OSError("a fault of the moment")

    setattr(module, name, broken)


def give_up_late() -> None:
    real = engine.stop

    async def late(workflow_id: str) -> None:
        await asyncio.sleep(3)
        await real(workflow_id)

    engine.stop = late


def break_admission(gates: Path) -> None:
    real = Admission.run

    async def run(self: Admission) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(real(self))
            while not (gates / "fault").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            (gates / "fault").unlink()
            raise LookupError("a fault of the program")

    Admission.run = run


def poison(role: str) -> None:
    real = AgentClient.start

    async def start(self: AgentClient, spec: Any) -> Any:
        if spec.role == role:
            os.kill(os.getpid(), signal.SIGKILL)
        return await real(self, spec)

    AgentClient.start = start


if __name__ == "__main__":
    if "REPORTS" in os.environ:
        report_merges(Path(os.environ["REPORTS"]))
    if os.environ.get("FENCE") == "off":
        take_the_fence_down()
    if "SKEW" in os.environ:
        put_the_clock_ahead(float(os.environ["SKEW"]))
    if "LAUNCH" in os.environ:
        launch_slowly(float(os.environ["LAUNCH"]))
    if os.environ.get("SWEEP") == "fails":
        break_sweeps()
    if os.environ.get("GIVEUP") == "unheard":
        break_first(engine, "stop")
    if os.environ.get("GIVEUP") == "fails":
        break_first(park, "stop_run")
    if os.environ.get("GIVEUP") == "late":
        give_up_late()
    if os.environ.get("ADMISSION") == "fails":
        break_admission(Path(os.environ["GATES"]))
    if "POISON" in os.environ:
        poison(os.environ["POISON"])
    sys.exit(worker.main())
