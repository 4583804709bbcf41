"""The orchestrator, `python -m services.workflows.worker`: admits runs, carries them, sweeps up after the dead."""

import asyncio
import os
import signal
import socket
import sys
import uuid

import structlog
from dbos import DBOS

from services.agents.client import AgentClient
from services.domain.errors import HubError
from services.events.output import RunOutput
from services.proofs.files import ProofStore
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.store.database import Database
from services.workflows import engine, takeover
from services.workflows.admission import Admission
from services.workflows.bench import Bench, set_bench
from services.workflows.settings import OrchestratorSettings
from services.workflows.solo import hold_lock
from services.workflows.sweep import sweep_forever

log = structlog.get_logger()


def make_bench(settings: OrchestratorSettings) -> Bench:
    """The composition root of this process."""
    return Bench(
        settings=settings,
        db=Database(settings.database),
        repos=Repos(settings.home, Identity(settings.git_user_name, settings.git_user_email)),
        agent=AgentClient(settings.agent_url, settings.token.get_secret_value()),
        output=RunOutput(settings.home),
        proofs=ProofStore(settings.home),
        owner=f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}",
    )


async def serve(settings: OrchestratorSettings) -> None:
    """Runs until a signal asks it to stop. What it carries then is carried on by the next one."""
    engine.self_test()
    bench = make_bench(settings)
    if bench.db.is_sqlite:
        hold_lock(settings.home / "run" / "orchestrator.lock")
    set_bench(bench)
    await takeover.beat(bench)
    engine.configure(bench.db.url, bench.owner)
    DBOS.launch()
    admission = Admission(bench)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("worker.started", owner=bench.owner, concurrency=settings.concurrency)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(takeover.keep_beating(bench)),
            group.create_task(sweep_forever(bench, admission)),
            group.create_task(admission.listen()),
            group.create_task(admission.run()),
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()
    await takeover.retire(bench)
    log.info("worker.stopped", owner=bench.owner)
    # Not a return: asyncio would cancel the workflows in flight, and the engine would take that for their end.
    _leave()


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def main() -> int:
    structlog.configure(processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()])
    try:
        asyncio.run(serve(OrchestratorSettings()))  # pyright: ignore[reportCallIssue]
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
