"""Tells what running runs do, in words: it reads their output on while somebody listens, twice a second."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.follower import Follower
from services.domain.states import RunState
from services.events.activity import Activity, step_words
from services.events.output import RunOutput
from services.store.database import Database
from services.store.models import Run, Task, WorkflowRow

log = structlog.get_logger(__name__)
EVERY_SECONDS = 0.5
PLANNING = [{"executor": "tools", "name": "plan", "produces": "plan"}]


@dataclass(frozen=True)
class Said:
    """`number` grows with each change of any run's words: a listener sends what is above the last it sent."""

    number: int
    project_id: int
    task_id: int | None
    run_id: str
    sentence: str


@dataclass
class _Watched:
    run_id: str
    project_id: int
    task_id: int | None
    role: str | None
    steps: list[dict[str, Any]]
    step: str = ""
    offset: int = 0
    activity: Activity = field(default_factory=lambda: Activity("preparing"))


class Teller:
    """`said` holds the words of the runs that run now; each listener takes from it at its own pace."""

    def __init__(self, db: Database, output: RunOutput, follower: Follower) -> None:
        self.said: dict[str, Said] = {}
        self.number = 0
        self._db, self._output, self._follower = db, output, follower
        self._watched: dict[str, _Watched] = {}
        self._known_at = -1  # the event after which the running runs were last asked for
        self._lock = asyncio.Lock()
        self._listeners = 0
        self._anyone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._tell(), name="activity-teller")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While any of these is open, output is read on; at other times nobody pays for it."""
        self._listeners += 1
        self._anyone.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._anyone.clear()

    async def look(self) -> dict[str, str]:
        """What every running run does now, by its id."""
        async with self._lock:
            await self._look()
            return {run_id: said.sentence for run_id, said in self.said.items()}

    async def _tell(self) -> None:
        while True:
            await self._anyone.wait()
            try:
                before = self.number
                await self.look()
                if self.number != before:
                    await self._follower.wake()
            except (SQLAlchemyError, OSError) as error:
                log.warning("activity.failed", error=str(error))
            except Exception as error:  # one agent's odd line is no reason to tell nothing of all others
                log.error("activity.broke", exc_info=error)
            await asyncio.sleep(EVERY_SECONDS)

    async def _look(self) -> None:
        if self._follower.latest != self._known_at:
            latest = self._follower.latest
            await self._ask_for_running()
            self._known_at = latest
        if not self._watched:
            return
        sentences = await asyncio.to_thread(self._read, list(self._watched.values()))
        for run, sentence in zip(self._watched.values(), sentences, strict=True):
            known = self.said.get(run.run_id)
            if known is None or known.sentence != sentence:
                self.number += 1
                self.said[run.run_id] = Said(self.number, run.project_id, run.task_id, run.run_id, sentence)

    async def _ask_for_running(self) -> None:
        stages = sa.select(Run.id, Run.project_id, Run.task_id, Run.stage, Run.role, WorkflowRow.definition)
        joined = stages.outerjoin(Task, Task.id == Run.task_id).outerjoin(
            WorkflowRow, WorkflowRow.id == Task.workflow_id
        )
        async with self._db.read() as session:
            rows = (await session.execute(joined.where(Run.state == RunState.RUNNING))).all()
        alive = {row.id for row in rows}
        for gone in [run_id for run_id in self._watched if run_id not in alive]:
            del self._watched[gone]
            self.said.pop(gone, None)
        for row in rows:
            if row.id not in self._watched:
                steps = _steps(row.definition, row.stage) if row.definition else PLANNING
                watched = _Watched(row.id, row.project_id, row.task_id, row.role, steps)
                watched.activity = Activity(step_words(row.role, steps[0]) if steps else "preparing")
                self._watched[row.id] = watched

    def _read(self, runs: Sequence[_Watched]) -> list[str]:
        return [self._read_one(run) for run in runs]

    def _read_one(self, run: _Watched) -> str:
        steps = self._output.steps(run.run_id)
        if steps and steps[-1] != run.step:
            run.step, run.offset = steps[-1], 0
            run.activity = Activity(step_words(run.role, _step_of(run.steps, run.step)))
        while run.step:
            events, offset = self._output.read_on(run.run_id, run.step, run.offset)
            if offset == run.offset:
                break
            run.offset = offset
            for event in events:
                run.activity.take(event)
        return run.activity.sentence


def _steps(definition: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    """The stage's steps that a run carries out; a person's is behind it already."""
    found = next((s for s in definition["stages"] if s["name"] == stage), {})
    return [step for step in found.get("steps") or [] if step.get("executor") != "human"]


def _step_of(steps: Sequence[dict[str, Any]], step_id: str) -> dict[str, Any]:
    """The workflow's step behind a step's id on the wire, such as `1-tests` or, at the merge base, `0-tests-base`."""
    name = step_id.partition("-")[2].removesuffix("-base").removesuffix("-old")
    return next((step for step in steps if step.get("name") == name), {})
