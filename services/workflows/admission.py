"""The admission loop: wakes when something was committed, admits what may start, and carries it in this process."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, SetWorkflowID
from sqlalchemy.exc import DBAPIError

from services.domain.states import DeployState, RequestState, TaskState
from services.feedback.hear import waits_for
from services.pauses.covering import any_pause
from services.points import Point
from services.scheduling.admit import Admitted
from services.settings.overlay import NEWEST
from services.store.models import Deploy, Request, Run, Task
from services.store.plain import Statement
from services.store.wakeup import commits
from services.workflows import head_start, holding, park
from services.workflows.bench import Bench
from services.workflows.books import Entry
from services.workflows.deploy_project import deploy_project
from services.workflows.fold_handoffs import fold_handoffs
from services.workflows.foresee import foresee
from services.workflows.live_settings import LiveSettings
from services.workflows.make_plan import make_plan
from services.workflows.passing_on import PassingOn
from services.workflows.prepare import prepare_at_once
from services.workflows.run_stage import run_stage

log = structlog.get_logger()
COALESCE_SECONDS = 0.005
CALM_SECONDS = 0.1
STORIES: dict[str, Any] = {"stage": run_stage, "plan": make_plan, "deploy": deploy_project}
_LOOK = Statement(
    sa.select(
        sa.exists().where(Task.state == TaskState.QUEUED)
        | sa.exists().where(Request.state == RequestState.NEW)
        | sa.exists().where(Deploy.state == DeployState.QUEUED),
        sa.exists().where(Run.owner == sa.bindparam("owner"), Run.stopping),
        waits_for(sa.bindparam("owner")),
        any_pause(),
        NEWEST.scalar_subquery(),
    )
)


class Admission:
    """What this orchestrator admits, it carries. `carried` are the stories it has in hand, by their ids."""

    def __init__(self, bench: Bench, settings: LiveSettings | None = None) -> None:
        self._bench = bench
        self._settings = settings or LiveSettings(bench)
        self.carried: dict[str, asyncio.Task[None]] = {}
        self._stopping: dict[str, asyncio.Task[None]] = {}
        self._passing_on = PassingOn(bench)
        self._rung = False
        self._looking: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Rings the doorbell for commits of other processes. Our own ring too; those are about what is under way."""
        async for _ in commits(self._bench.db.url, self._bench.settings.sweep_seconds):
            await self._bench.doorbell.calm(CALM_SECONDS)
            self._bench.doorbell.ring()
            await asyncio.sleep(COALESCE_SECONDS)

    async def run(self) -> None:
        while True:
            handed, asked_about, often, rung = await self._bench.doorbell.wait()
            for one in handed:
                self.carry(one, ahead=True)
            for run_id in asked_about:
                self._take(f"what follows {run_id}", foresee(self._bench, run_id))
            for run_id in often:
                self._take(f"handoffs before {run_id}", fold_handoffs(self._bench, run_id))
            if rung:
                self._rung = True
            if self._rung and self._looking is None:  # beside this loop: what is handed in meanwhile goes on at once
                self._looking = asyncio.create_task(self._look_again(), name="look what may start")

    async def _look_again(self) -> None:
        try:
            while self._rung:
                self._rung = False
                try:
                    queued, stopped = await self._look()
                    if queued:
                        await self._admit()
                    for run in stopped:
                        self._stop(run)
                except DBAPIError as error:
                    log.warning("admission.database", error=str(error)[:300])
                    await asyncio.sleep(0.5)
                    self._rung = True
        finally:
            self._looking = None

    async def _admit(self) -> None:
        points = Point.ADMIT_WRITTEN, Point.ADMIT_COMMITTED
        await self._bench.books.write(Entry(give=prepare_at_once, points=points))

    async def _look(self) -> tuple[bool, list[Run]]:
        """Whether anything may want to start, and this worker's runs that a person stopped. What a person said to
        its runs is passed on, and those that a pause is about are told.

        Asked after each commit of anybody, so one plain statement, and no session where there is nothing to do.
        """
        (queued, stopped, said, paused, newest), *_ = await self._bench.db.look(_LOOK, {"owner": self._bench.owner})
        if newest != self._settings.newest:
            await self._settings.load()
        if said:
            self._passing_on.look()
        if paused:
            await holding.see_to_all(self._bench)
        if not stopped:
            return bool(queued), []
        async with self._bench.db.read() as session:
            runs = sa.select(Run).where(Run.owner == self._bench.owner, Run.stopping)
            return bool(queued), list((await session.scalars(runs)).all())

    def _stop(self, run: Run) -> None:
        """Beside the loop: an agent that is away must not keep others from starting."""
        if run.id not in self._stopping:
            story = self.carried.get(run.story_id)
            task = asyncio.create_task(park.stop_run(self._bench, run.id, story), name=f"stop {run.id}")
            self._stopping[run.id] = task
            task.add_done_callback(lambda _: self._stopping.pop(run.id, None))

    def carry(self, one: Admitted, *, ahead: bool = False) -> None:
        """Starts the run's story here. Its id is the workflow's: started twice, it is one.

        `ahead`: it was admitted this moment, so its first job may begin before its workflow does.
        """
        if one.story_id not in self.carried:
            self._take(one.story_id, self._carry(one, ahead=ahead))

    def attach(self, run: Run) -> None:
        """Has a run in hand that the engine goes on with here, so that a person's stop reaches it."""
        story = run.story_id
        if story not in self.carried:
            self._take(story, self._follow(run.id, story))

    def _take(self, name: str, story: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(story, name=name)
        self.carried[name] = task
        task.add_done_callback(lambda _: self.carried.pop(name, None))

    async def _follow(self, run_id: str, story_id: str) -> None:
        handle: Any = await DBOS.retrieve_workflow_async(story_id)
        try:
            await handle.get_result(polling_interval_sec=1.0)
        except Exception as error:  # noqa: BLE001  (as below)
            await park.park_run(self._bench, run_id, error)

    async def _carry(self, one: Admitted, *, ahead: bool) -> None:
        try:
            try:
                if ahead and one.kind == "stage":
                    await head_start.give(one)
            finally:
                self._bench.doorbell.begun(one.run_id)
            with SetWorkflowID(one.story_id):
                handle = await DBOS.start_workflow_async(STORIES[one.kind], one.run_id)
            await handle.get_result(polling_interval_sec=1.0)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  (whatever broke the story, the task must not be left in nobody's hands)
            await park.park_run(self._bench, one.run_id, error)
