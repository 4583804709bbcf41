"""Looks after what a crash could leave: dead owners, runs without a workflow, tasks without an owner."""

import asyncio

import sqlalchemy as sa
import structlog
from dbos import DBOS
from sqlalchemy.exc import DBAPIError

from services.deploys.strays import close_deploys, stray_deploys
from services.domain.states import LIVE_RUN
from services.scheduling.admit import Admitted
from services.store.models import Run
from services.tasks.ownership import close_strays, orphans, repair, stray_runs
from services.tasks.stages import unblock
from services.workflows import engine, park, takeover
from services.workflows.admission import Admission
from services.workflows.bench import Bench
from services.workflows.pushing import Pushing
from services.workflows.tidy import Tidy

log = structlog.get_logger()
GOING = ("PENDING", "ENQUEUED", "DELAYED")
GRACE_BEATS = 2
TIDY = Tidy()
PUSHING = Pushing()


async def sweep_forever(bench: Bench, admission: Admission) -> None:
    """Sweeps at start and then at intervals. The health file's time says that sweeps go well.

    What goes wrong in one is logged, and the next is tried: what runs goes on without it.
    """
    health = bench.settings.home / "run" / f"{bench.settings.name}.health"
    health.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            await sweep(bench, admission)
            health.write_text(bench.owner, encoding="utf-8")
        except DBAPIError as error:
            log.warning("sweep.database", error=str(error)[:300])
        except OSError as error:  # a full disk: the loop must live to see the room that comes
            log.warning("sweep.system", error=str(error)[:300])
        except Exception:  # a fault in looking after what crashes left must not end what runs
            log.exception("sweep.failed")
        await asyncio.sleep(bench.settings.sweep_seconds)


async def sweep(bench: Bench, admission: Admission) -> None:
    # Where the database was away the others missed their beats too: they get the time to beat again.
    if bench.fence.steady(GRACE_BEATS * bench.settings.beat_seconds):
        for run in await takeover.take_over(bench, alone=bench.db.is_sqlite):
            await _give_up(bench, run)
    await _look_after_own(bench, admission)
    await _repair_tasks(bench)
    await _repair_deploys(bench)
    await TIDY.now_and_then(bench)
    await PUSHING.look(bench)
    bench.doorbell.ring()


async def _look_after_own(bench: Bench, admission: Admission) -> None:
    """A live run of this worker has a workflow that goes on; else it is started, or parked if that ended badly."""
    query = sa.select(Run).where(Run.owner == bench.owner, Run.state.in_(LIVE_RUN))
    async with bench.db.read() as session:
        runs = [run for run in (await session.scalars(query)).all() if run.story_id not in admission.carried]
    if not runs:
        return
    statuses = await DBOS.list_workflows_async(
        workflow_ids=[run.story_id for run in runs], load_input=False, load_output=False
    )
    known = {status.workflow_id: status.status for status in statuses}
    for run in runs:
        status = known.get(run.story_id)
        if status in GOING and await _is_poison(bench, run):  # the engine did not hear of it at the takeover
            await engine.stop(run.story_id)
            await _give_up(bench, run)
        elif status in GOING:
            admission.attach(run)
        elif status is None:
            admission.carry(Admitted.of(run))
        else:
            await park.park_run(bench, run.id, RuntimeError(f"its workflow ended as {status}"))


async def _is_poison(bench: Bench, run: Run) -> bool:
    async with bench.db.read() as session:
        return await takeover.is_poison(session, run, bench.settings.run_deaths)


async def _give_up(bench: Bench, run: Run) -> None:
    await park.park_run(bench, run.id, takeover.PoisonRun.of(run))


async def _repair_deploys(bench: Bench) -> None:
    async with bench.db.read() as session:
        found = await stray_deploys(session)
    if found:
        async with bench.db.write() as session:
            await close_deploys(session)


async def _repair_tasks(bench: Bench) -> None:
    async with bench.db.read() as session:
        found = await orphans(session) or await stray_runs(session)
    if not found:
        return
    async with bench.db.write() as session:
        await unblock(session, auto_trigger=bench.settings.auto_trigger)
        await session.flush()
        await repair(session)
        await close_strays(session)
