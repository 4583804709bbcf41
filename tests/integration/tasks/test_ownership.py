"""Nothing is ever in nobody's hands: whatever people and runs do, in whatever order, each open task has an owner."""

import random

import pytest
import sqlalchemy as sa
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
STEPS = 200
STAGES = ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "done"]


async def project(session: AsyncSession) -> Project:
    await seed(session)
    workflow = await session.scalar(sa.select(WorkflowRow).where(WorkflowRow.name == "software"))
    assert workflow is not None
    row = Project(name="poc", key="POC", workspace_path="/nowhere", workflow_id=workflow.id)
    session.add(row)
    await session.flush()
    return row


async def end_a_run(session: AsyncSession, chance: random.Random) -> None:
    """As a settled run does: the run ends, its task enters the stage its verdict leads to."""
    await session.execute(sa.update(Run).values(stopping=False))  # as the orchestrator says when the agent has ended
    runs = (await session.scalars(sa.select(Run).where(Run.state == RunState.QUEUED, Run.owner == "w"))).all()
    if not runs:
        return
    run = chance.choice(list(runs))
    task = await session.get_one(Task, run.task_id)
    workflow = await workflow_by_id(session, task.workflow_id)
    passed = chance.random() < 0.7
    run.state = RUN.check(RUN.check(RunState.QUEUED, RunState.RUNNING), RunState.PASSED if passed else RunState.FAILED)
    stage = workflow.stage(task.stage)
    following = workflow.after(stage.name) if passed else workflow.stage(stage.on_fail or stage.name)
    change = Change("a" * 40, "b" * 40, f"patch-{task.id}-{chance.randint(1, 2)}", {"files": 1})
    await enter_stage(
        session, task, workflow, following, actor="hub", auto_trigger=chance.random() < 0.8, change=change,
        sent_back=not passed, run_id=run.id,
    )  # fmt: skip


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


async def a_crash(session: AsyncSession, chance: random.Random) -> None:
    """What no transaction of ours leaves, but a crash between two systems, or a database brought back, could: a run
    that is over while its task has it, or one that lives on while its task does not know it."""
    live = sa.select(Run).where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None), Run.task_id.is_not(None))
    runs = (await session.scalars(live)).all()
    if not runs:
        return
    run = chance.choice(list(runs))
    if chance.random() < 0.5:
        run.state = RunState.LOST
    else:
        await session.execute(sa.update(Task).where(Task.id == run.task_id).values(current_run_id=None))
        session.expire_all()


async def a_person_acts(session: AsyncSession, chance: random.Random) -> None:
    tasks = list((await session.scalars(sa.select(Task))).all())
    runs = list((await session.scalars(sa.select(Run))).all())
    approvals = list((await session.scalars(sa.select(Approval).where(Approval.state == ApprovalState.ASKED))).all())
    one, other = chance.choice(tasks).id, chance.choice(tasks).id
    change = Change("a" * 40, "b" * 40, f"patch-{one}", {"files": 1})
    acts = [
        lambda: trigger(session, one, "person", merge=chance.random() < 0.2, change=change),
        lambda: moves.set_stage(session, one, chance.choice(STAGES), actor="person", change=change),
        lambda: moves.move_card(session, one, chance.choice(STAGES), actor="person", after_id=other, change=change),
        lambda: dependencies.wait_for(session, one, [other], actor="person"),
        lambda: dependencies.wait_no_more(session, one, other, actor="person"),
        lambda: outside.begin(session, one, "me", "person", change=change),
    ]
    if chance.random() < 0.2:
        acts += [
            lambda: closing.cancel_task(session, one, actor="person"),
            lambda: closing.delete_task(session, one, actor="person", force=chance.random() < 0.5),
            lambda: create_task(session, tasks[0].project_id, title="more", blocked_by=[other]),
        ]
    if runs:
        acts.append(lambda: kill_run(session, chance.choice(runs).id, "person"))
        told = chance.choice(["pass", "fail", "blocked"])
        run_id = chance.choice(runs).id
        acts.append(lambda: outside.tell(session, run_id, actor="me", summary="so", result=told, change=change))
    if approvals:
        asked = chance.choice(approvals).id
        acts += [
            lambda: decide.approve(session, asked, "person"),
            lambda: decide.ask_changes(session, asked, "person", "Otherwise, please."),
            lambda: decide.reject(session, asked, "person", "No."),
        ]
    await chance.choice(acts)()


@pytest.mark.parametrize("number", range(6))
async def test_every_open_task_has_an_owner_after_every_step(sqlite_url: str, number: int) -> None:
    """Random histories, each from its seed: people, runs, the scheduler, and now and then a crash that is repaired."""
    database, chance = Database(sqlite_url), random.Random(number)
    async with database.write() as session:
        row = await project(session)
        first = await create_task(session, row.id, title="one")
        second = await create_task(session, row.id, title="two", blocked_by=[first.id])
        await create_task(session, row.id, title="three", blocked_by=[first.id, second.id])
        await create_task(session, row.id, title="four")
    done: set[str] = set()
    for _ in range(STEPS):
        try:
            async with database.write() as session:
                if chance.random() < 0.05:
                    await a_crash(session, chance)
                    await session.flush()
                    left = [task.id for task in await orphans(session)]
                    told = sa.select(sa.func.count()).where(Event.kind == "task.repaired")
                    before = await session.scalar(told) or 0
                    assert len(await repair(session)) == len(left) == (await session.scalar(told) or 0) - before
                    await close_strays(session)
                    await session.flush()
                match chance.randint(0, 3):
                    case 0:
                        await admit(session, "w", LIMITS)
                    case 1:
                        await end_a_run(session, chance)
                    case 2:
                        await a_person_acts(session, chance)
                    case _:
                        await unblock(session)
        except HubError:
            pass  # a refusal is a good answer, if it leaves everything as it was
        async with database.read() as session:
            assert [task.key for task in await orphans(session)] == []
            assert await strays(session) == []
            done |= set((await session.scalars(sa.select(Task.state))).all())
    assert {TaskState.RUNNING, TaskState.QUEUED, TaskState.WAITING} <= done
    await database.close()


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
