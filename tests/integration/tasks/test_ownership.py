"""Nothing is ever in nobody's hands: whatever people and runs do, in whatever order, each open task has an owner."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.domain.states import LIVE_RUN, RUN, ApprovalState, RunState, TaskState
from services.reviews import decide
from services.roles.read import workflow_by_id
from services.roles.seed import seed
from services.scheduling.admit import admit
from services.scheduling.limits import SchedulingLimits
from services.store.database import Database
from services.store.models import Approval, Event, Project, Run, Task, WorkflowRow
from services.tasks import closing, dependencies, moves, outside
from services.tasks.change import Change
from services.tasks.control import kill_run, trigger
from services.tasks.create import create_task
from services.tasks.ownership import close_strays, orphans, repair
from services.tasks.stages import enter_stage, unblock
from tests.support.factories import make_dependency, make_run, make_task

LIMITS = SchedulingLimits(worker_capacity=3, per_project=3)
HISTORIES, STEPS = 10, 50
NUMBERS = st.integers(0, 11)  # of a task, a run or an approval, counted round
SOMETIMES = st.integers(0, 9).map(lambda number: number == 0)
STAGES = ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "done"]


async def project(session: AsyncSession) -> Project:
    await seed(session)
    workflow = await session.scalar(sa.select(WorkflowRow).where(WorkflowRow.name == "software"))
    assert workflow is not None
    row = Project(name="poc", key="POC", workspace_path="/nowhere", workflow_id=workflow.id)
    session.add(row)
    await session.flush()
    return row


async def strays(session: AsyncSession) -> list[str]:
    """Live runs that are not of where their task stands now: what a move must never leave."""
    live = sa.select(Run, Task).join(Task, Task.id == Run.task_id).where(Run.state.in_(LIVE_RUN))
    found: list[str] = []
    for run, task in (await session.execute(live)).all():
        carried = run.owner is not None or run.state == RunState.RUNNING
        mine = task.current_run_id == run.id if carried else task.current_run_id is None
        if run.stage != task.stage or not mine or task.deleted_at is not None:
            found.append(f"{task.key} {task.stage}/{task.state}: {run.stage}/{run.state}")
    return found


class Histories(RuleBasedStateMachine):
    """People, runs and the scheduler in any order, and now and then a crash that is repaired. A refusal is a good
    answer, if it leaves everything as it was."""

    template: ClassVar[Path]
    seen: ClassVar[set[str]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = shutil.copy(self.template, self.folder.name)
        self.runner = asyncio.Runner()
        self.database = Database(f"sqlite:///{path}")

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()

    def do(self, act: Callable[[AsyncSession], Awaitable[Any]]) -> None:
        async def go() -> None:
            async with self.database.write() as session:
                await act(session)

        with suppress(HubError):
            self.runner.run(go())

    def find(self, query: sa.Select[Any], number: int) -> Any:
        """The rows counted round; None where there is none."""

        async def look() -> Any:
            async with self.database.read() as session:
                found = (await session.scalars(query)).all()
                return found[number % len(found)] if found else None

        return self.runner.run(look())

    def task(self, number: int) -> int:
        return self.find(sa.select(Task.id).order_by(Task.id), number)

    @rule()
    def admit(self) -> None:
        self.do(lambda session: admit(session, "w", LIMITS))

    @rule()
    def unblock(self) -> None:
        self.do(unblock)

    @rule(number=NUMBERS, passed=st.integers(0, 9), auto=st.integers(0, 4), patch=st.integers(1, 2))
    def end_a_run(self, number: int, passed: int, auto: int, patch: int) -> None:
        """As a settled run does: the run ends, its task enters the stage its verdict leads to."""
        self._end(number, passed, auto, patch)

    @rule(number=NUMBERS, times=st.integers(2, 8), word=st.booleans())
    def an_hour_goes_by(self, number: int, times: int, word: bool) -> None:
        """Runs start and pass, and a person agrees: as on most days."""
        for each in range(times):
            self.do(lambda session: admit(session, "w", LIMITS))
            self._end(number + each, 0, 1, 1)
        asked = self.find(sa.select(Approval.id).where(Approval.state == ApprovalState.ASKED), number) if word else None
        if asked is not None:
            self.do(lambda session: decide.approve(session, asked, "person"))

    def _end(self, number: int, passed: int, auto: int, patch: int) -> None:
        async def end(session: AsyncSession) -> None:
            await session.execute(sa.update(Run).values(stopping=False))  # as the orchestrator says: the agent is done
            query = sa.select(Run).where(Run.state == RunState.QUEUED, Run.owner == "w").order_by(Run.id)
            runs = (await session.scalars(query)).all()
            if not runs:
                return
            run = runs[number % len(runs)]
            task = await session.get_one(Task, run.task_id)
            workflow = await workflow_by_id(session, task.workflow_id)
            stage, well = workflow.stage(task.stage), passed < 7
            over = RunState.PASSED if well else RunState.FAILED
            run.state = RUN.check(RUN.check(RunState.QUEUED, RunState.RUNNING), over)
            following = workflow.after(stage.name) if well else workflow.stage(stage.on_fail or stage.name)
            await enter_stage(
                session, task, workflow, following, actor="hub", auto_trigger=auto > 0, sent_back=not well,
                change=Change("a" * 40, "b" * 40, f"patch-{task.id}-{patch}", {"files": 1}), run_id=run.id,
            )  # fmt: skip

        self.do(end)

    @rule(number=NUMBERS, lost=st.booleans())
    def crash_and_repair(self, number: int, lost: bool) -> None:
        """What no transaction of ours leaves, but a crash between two systems, or a database brought back, could: a run
        that is over while its task has it, or one that lives on while its task does not know it."""
        live = sa.select(Run.id).where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None), Run.task_id.is_not(None))
        run_id = self.find(live.order_by(Run.id), number)

        async def crash(session: AsyncSession) -> None:
            run = await session.get_one(Run, run_id)
            if lost:
                run.state = RunState.LOST
            else:
                await session.execute(sa.update(Task).where(Task.id == run.task_id).values(current_run_id=None))
                session.expire_all()
            await session.flush()
            left = [task.id for task in await orphans(session)]
            told = sa.select(sa.func.count()).where(Event.kind == "task.repaired")
            before = await session.scalar(told) or 0
            assert len(await repair(session)) == len(left) == (await session.scalar(told) or 0) - before
            await close_strays(session)

        if run_id is not None:
            self.do(crash)

    @rule(number=NUMBERS, merge=SOMETIMES)
    def trigger(self, number: int, merge: bool) -> None:
        one = self.task(number)
        self.do(lambda session: trigger(session, one, "person", merge=merge, change=change_of(one)))

    @rule(number=NUMBERS, other=NUMBERS, stage=st.sampled_from(STAGES), whole=st.booleans())
    def move(self, number: int, other: int, stage: str, whole: bool) -> None:
        one, after = self.task(number), self.task(other)
        about: dict[str, Any] = {"actor": "person", "change": change_of(one)}
        if whole:
            self.do(lambda session: moves.set_stage(session, one, stage, **about))
        else:
            self.do(lambda session: moves.move_card(session, one, stage, after_id=after, **about))

    @rule(number=NUMBERS, stage=st.sampled_from(STAGES))
    def move_what_runs(self, number: int, stage: str) -> None:
        one = self.find(sa.select(Task.id).where(Task.state == TaskState.RUNNING).order_by(Task.id), number)
        if one is not None:
            self.do(lambda session: moves.set_stage(session, one, stage, actor="person", change=change_of(one)))

    @rule(number=NUMBERS, other=NUMBERS, more=st.booleans())
    def depend(self, number: int, other: int, more: bool) -> None:
        one, before = self.task(number), self.task(other)
        if more:
            self.do(lambda session: dependencies.wait_for(session, one, [before], actor="person"))
        else:
            self.do(lambda session: dependencies.wait_no_more(session, one, before, actor="person"))

    @rule(number=NUMBERS)
    def work_outside(self, number: int) -> None:
        one = self.task(number)
        self.do(lambda session: outside.begin(session, one, "me", "person", change=change_of(one)))

    @precondition(lambda self: self.rare)
    @rule(number=NUMBERS, how=st.sampled_from(["cancel", "delete", "force", "create"]))
    def close_or_create(self, number: int, how: str) -> None:
        self.rare = False
        one = self.task(number)
        if how == "cancel":
            self.do(lambda session: closing.cancel_task(session, one, actor="person"))
        elif how == "create":
            self.do(lambda session: create_task(session, self.project, title="more", blocked_by=[one]))
        else:
            self.do(lambda session: closing.delete_task(session, one, actor="person", force=how == "force"))

    @rule(number=NUMBERS, told=st.sampled_from(["kill", "pass", "fail", "blocked"]))
    def tell_of_a_run(self, number: int, told: str) -> None:
        run_id = self.find(sa.select(Run.id).order_by(Run.id.desc()), number)
        if run_id is None:
            return
        if told == "kill":
            self.do(lambda session: kill_run(session, run_id, "person"))
        else:
            about: dict[str, Any] = {"actor": "me", "summary": "so", "result": told, "change": change_of(0)}
            self.do(lambda session: outside.tell(session, run_id, **about))

    @rule(number=NUMBERS, word=st.sampled_from(["approve", "ask_changes", "reject"]))
    def decide(self, number: int, word: str) -> None:
        self.rare = True
        asked = self.find(sa.select(Approval.id).where(Approval.state == ApprovalState.ASKED), number)
        if asked is None:
            return
        words = () if word == "approve" else ("Otherwise, please.",)
        self.do(lambda session: getattr(decide, word)(session, asked, "person", *words))

    @invariant()
    def each_open_task_has_an_owner(self) -> None:
        async def look() -> None:
            async with self.database.read() as session:
                assert [task.key for task in await orphans(session)] == []
                assert await strays(session) == []
                self.seen.update((await session.scalars(sa.select(Task.state))).all())

        self.runner.run(look())

    project = 1
    rare = False


def change_of(task_id: int) -> Change:
    return Change("a" * 40, "b" * 40, f"patch-{task_id}", {"files": 1})


def test_every_open_task_has_an_owner_after_every_step(sqlite_url: str) -> None:
    """A fault is told as the shortest history that shows it. `OWNERSHIP_HISTORIES=800` looks longer, at others."""

    async def begin() -> None:
        database = Database(sqlite_url)
        async with database.write() as session:
            row = await project(session)
            first = await create_task(session, row.id, title="one")
            second = await create_task(session, row.id, title="two", blocked_by=[first.id])
            third = await create_task(session, row.id, title="three", blocked_by=[first.id, second.id])
            await create_task(session, row.id, title="four")
            for one in (first, second, third):  # as of a plan that was approved: two of them are blocked
                await trigger(session, one.id, "person", change=change_of(one.id))
        await database.close()

    asyncio.run(begin())
    Histories.template, Histories.seen = Path(sqlite_url.removeprefix("sqlite:///")), set()
    longer = int(os.environ.get("OWNERSHIP_HISTORIES", "0"))
    limits = settings(
        max_examples=longer or HISTORIES, stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        print_blob=True, derandomize=not longer,
    )  # fmt: skip
    run_state_machine_as_test(Histories, settings=limits)
    assert {TaskState.RUNNING, TaskState.QUEUED, TaskState.WAITING, TaskState.DONE} <= Histories.seen


async def test_an_orphan_is_found(database: Database) -> None:
    async with database.write() as session:
        lost = await make_task(session, state=TaskState.RUNNING, stage="dev")
        lost.current_run_id = (await make_run(session, lost, state=RunState.LOST)).id
        kept = await make_task(session, state=TaskState.RUNNING, stage="dev")
        kept.current_run_id = (await make_run(session, kept, state=RunState.RUNNING)).id
        done = await make_task(session, state=TaskState.DONE, stage="done")
        stuck = await make_task(session, state=TaskState.BLOCKED)
        await make_dependency(session, stuck, done)
        await session.flush()
        assert {task.id for task in await orphans(session)} == {lost.id, stuck.id}
