"""Admission on both databases: limits, order, and nothing started twice."""

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from services.scheduling.admit import admit
from services.scheduling.limits import SchedulingLimits
from services.store.database import Database
from services.store.models import Run, Task
from services.store.types import now
from services.tasks.stages import unblock
from tests.support.factories import make_dependency, make_project, make_request, make_task

LIMITS = SchedulingLimits(worker_capacity=10, per_project=10)


async def admitted_keys(database: Database, owner: str = "w1", limits: SchedulingLimits = LIMITS) -> list[str]:
    async with database.write() as session:
        ids = [one.run_id for one in await admit(session, owner, limits)]
    async with database.read() as session:
        runs = {run.id: run for run in (await session.scalars(sa.select(Run))).all()}
        keys = {task.id: task.key for task in (await session.scalars(sa.select(Task))).all()}
    return [keys[runs[i].task_id] for i in ids if runs[i].task_id]


async def queued(database: Database, count: int, **values: object) -> list[str]:
    async with database.write() as session:
        project = await make_project(session, key=str(values.pop("key", "POC")))
        tasks = [
            await make_task(session, project, stage="dev", state="queued", queued_at=now(), **values)
            for _ in range(count)
        ]
        return [task.key for task in tasks]


async def test_the_most_urgent_goes_first_and_waiting_makes_urgent(database: Database) -> None:
    async with database.write() as session:
        project = await make_project(session, key="POC")
        for number, (priority, minutes) in enumerate([(5, 0), (9, 0), (5, 5), (6, 60)], start=1):
            at = now() - timedelta(minutes=minutes)
            await make_task(
                session, project, stage="dev", state="queued", priority=priority, queued_at=at, number=number
            )
    assert await admitted_keys(database) == ["POC-4", "POC-2", "POC-3", "POC-1"]


async def test_capacity_and_project_limits_hold(database: Database) -> None:
    await queued(database, 4)
    assert len(await admitted_keys(database, limits=SchedulingLimits(3, 10))) == 3
    assert await admitted_keys(database, limits=SchedulingLimits(3, 10)) == []
    assert len(await admitted_keys(database, "w2", SchedulingLimits(3, 10))) == 1
    await queued(database, 3, key="ONE")
    assert len(await admitted_keys(database, "w3", SchedulingLimits(10, 2))) == 2


async def test_a_full_stage_admits_only_what_was_sent_back(database: Database) -> None:
    await queued(database, 7)
    assert len(await admitted_keys(database)) == 5  # the factory's dev stage has a limit of 5
    async with database.write() as session:
        left = (await session.scalars(sa.select(Task).where(Task.state == "queued"))).all()
        left[0].sent_back = True
        key = left[0].key
    assert await admitted_keys(database) == [key]


async def test_a_paused_project_starts_nothing(database: Database) -> None:
    async with database.write() as session:
        project = await make_project(session, paused=True)
        await make_task(session, project, stage="dev", state="queued", queued_at=now())
        await make_request(session, project)
    async with database.write() as session:
        assert await admit(session, "w1", LIMITS) == []


async def test_two_orchestrators_at_once_never_take_the_same_task(database: Database) -> None:
    keys = await queued(database, 5)
    taken = await asyncio.gather(*(admitted_keys(database, f"w{n}", SchedulingLimits(3, 10)) for n in range(4)))
    flat = [key for some in taken for key in some]
    assert sorted(flat) == sorted(keys)


async def test_a_task_is_unblocked_when_all_it_waits_for_is_done(database: Database) -> None:
    async with database.write() as session:
        project = await make_project(session)
        one = await make_task(session, project, state="running", stage="dev")
        two = await make_task(session, project, state="done", stage="done")
        waiting = await make_task(session, project, state="blocked")
        await make_dependency(session, waiting, one)
        await make_dependency(session, waiting, two)
    async with database.write() as session:
        assert await unblock(session) == 0
        (await session.get_one(Task, one.id)).state = "done"
        await session.flush()
        assert await unblock(session) == 1
        row = await session.get_one(Task, waiting.id)
        assert (row.stage, row.state) == ("dev", "queued")


async def test_a_new_request_gets_a_pm_run(database: Database) -> None:
    async with database.write() as session:
        request = await make_request(session)
    async with database.write() as session:
        (one,) = await admit(session, "w1", LIMITS)
        assert one.kind == "plan"
        run = await session.get_one(Run, one.run_id)
        assert (run.request_id, run.owner, run.role, run.state) == (request.id, "w1", "pm", "queued")
