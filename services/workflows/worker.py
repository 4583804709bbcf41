"""The orchestrator, `python -m services.workflows.worker`: admits runs, carries them, sweeps up after the dead."""

from services import without_rich  # noqa: F401  # pyright: ignore[reportUnusedImport]  # isort: skip

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import uuid

import sqlalchemy as sa
import structlog
from dbos import DBOS
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from services import points
from services.agents.client import Agent, AgentClient
from services.agents.named import FIRST
from services.agents.roster import Roster
from services.domain.errors import HubError
from services.events.output import RunOutput
from services.logs import configure as configure_logs
from services.processes.anew import begin_anew
from services.proofs.files import ProofStore
from services.redaction import KNOWN
from services.redaction.redactor import passwords_in
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.store.database import Database
from services.store.models import Run
from services.workflows import engine, takeover
from services.workflows.admission import Admission
from services.workflows.bench import Bench, set_bench
from services.workflows.fence import Fence
from services.workflows.live_settings import LiveSettings
from services.workflows.rehearse import rehearse_admission
from services.workflows.settings import OrchestratorSettings
from services.workflows.solo import hold_lock
from services.workflows.sweep import sweep_forever

log = structlog.get_logger()


def make_bench(settings: OrchestratorSettings) -> Bench:
    """The composition root of this process. Everything that has an effect outside asks the fence first."""
    owner = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
    fence = Fence(owner, settings.ttl_seconds, alone=settings.alone, leave=begin_anew)
    db = Database(settings.database, guard=fence.check, idle_seconds=settings.idle_seconds)
    return Bench(
        settings=settings,
        db=db,
        repos=Repos(settings.home, Identity(settings.git_user_name, settings.git_user_email), guard=fence.check),
        agent=_agents(settings, db, fence),
        output=RunOutput(settings.home, guard=fence.check),
        proofs=ProofStore(settings.home),
        owner=owner,
        fence=fence,
    )


def _agents(settings: OrchestratorSettings, db: Database, fence: Fence) -> Agent:
    """The one agent, or several of them as one."""
    token = settings.token.get_secret_value()

    def client(url: str, name: str) -> AgentClient:
        return AgentClient(url, token, name, guard=fence.check, silence=settings.agent_silence_seconds)

    first = client(settings.agent_url, FIRST)
    if not settings.agents:
        return first
    others = {one.name: client(one.url, one.name) for one in settings.agents}

    async def whose(run_id: str) -> str | None:
        async with db.read() as session:
            return await session.scalar(sa.select(Run.agent).where(Run.id == run_id))

    return Roster({FIRST: first, **others}, whose)


async def serve(settings: OrchestratorSettings) -> None:
    """Runs until a signal asks it to stop. What it carries then is carried on by the next one."""
    engine.self_test()
    bench = make_bench(settings)
    if bench.db.is_sqlite:
        hold_lock(settings.home / "run" / "orchestrator.lock")
    set_bench(bench)
    await takeover.enlist(bench)
    engine.configure(bench.db.url, bench.owner, settings.idle_seconds)
    live = LiveSettings(bench)
    await live.load()
    await _launch(settings)
    await rehearse_admission(bench)
    admission = Admission(bench, live)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    gc.collect()
    gc.freeze()  # what is loaded stays: a full collection would stop the loop for 80 ms to find that out
    # Only from here on runs are in hand: on a busy machine all that is above may take longer than the time to live.
    bench.fence.beaten(await takeover.enlist(bench))
    log.info("worker.started", owner=bench.owner, concurrency=settings.concurrency)
    try:
        await _work(bench, admission, stop)
    except* Exception:  # of whatever kind: a fresh process carries on what is in hand, and no supervisor is needed
        log.exception("worker.crashed", owner=bench.owner)
        await asyncio.sleep(settings.beat_seconds)  # where it comes back at once, not at full speed
        begin_anew()
    _retire(bench)
    log.info("worker.stopped", owner=bench.owner)
    # Not a return: asyncio would cancel the workflows in flight, and the engine would take that for their end.
    _leave()


async def _work(bench: Bench, admission: Admission, stop: asyncio.Event) -> None:
    """Admits, carries, beats and sweeps until `stop`. Raises what one of them did not expect."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(takeover.keep_beating(bench)),
            group.create_task(takeover.keep_free(bench)),
            group.create_task(sweep_forever(bench, admission)),
            group.create_task(admission.listen()),
            group.create_task(admission.run()),
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _launch(settings: OrchestratorSettings) -> None:
    try:
        DBOS.launch()
    except DBAPIError as error:
        log.warning("worker.waits_for_database", error=str(error)[:300])
        await asyncio.sleep(settings.beat_seconds)
        begin_anew()  # the engine can't be launched a second time


def _retire(bench: Bench) -> None:
    """On another thread's loop while this one stands still: what is in flight here does nothing after the handover."""
    thread = threading.Thread(target=lambda: asyncio.run(takeover.retire(bench.db.url, bench.owner)))
    thread.start()
    thread.join()


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def learn(settings: OrchestratorSettings) -> None:
    """From here on these are taken out of logs, output and proofs."""
    KNOWN.learn_environment(os.environ)
    KNOWN.learn("WFHUB_TOKEN", settings.token.get_secret_value())
    KNOWN.learn("WFHUB_SECRET_KEY", settings.secret_key.get_secret_value())
    for password in passwords_in(settings.database):
        KNOWN.learn("password in DATABASE_URL", password)


def _faults(error: ValidationError) -> str:
    told = [(".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, ")) for fault in error.errors()]
    return "; ".join(f"{name.upper()}: {message}" if name else message for name, message in told)


def main() -> int:
    try:
        settings = OrchestratorSettings()  # pyright: ignore[reportCallIssue]  # its fields come from the environment
        learn(settings)
        points.report_to(settings.points)
        configure_logs(settings.name, settings.log_level, settings.log_format)
        asyncio.run(serve(settings))
    except ValidationError as error:
        sys.stderr.write(f"The orchestrator cannot start: {_faults(error)}\n")
        return 2
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
