"""A long queue of many projects, admitted by the real scheduler on a real database, each run ending at once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.scheduling.admit import admit
from services.scheduling.limits import AgentRoom, SchedulingLimits
from services.scheduling.queue import read_queue
from services.store.database import Database
from services.store.models import ModelLoad, Project, Run, Task, Worker
from services.store.types import now
from tests.support.factories import make_project, make_run, make_task

LIMITS = SchedulingLimits(worker_capacity=4, per_project=2)
PROJECTS, LARGE = 20, 500


async def fill(database: Database, sizes: list[int]) -> list[int]:
    """A project of each size, with so many queued tasks; their ids."""
    ids: list[int] = []
    at = now() - timedelta(hours=1)
    async with database.write() as session:
        for size in sizes:
            project = await make_project(session)
            ids.append(project.id)
            rows = [
                {
                    "project_id": project.id, "workflow_id": project.workflow_id, "number": n, "stage": "deploy",
                    "key": f"{project.key}-{n}", "title": "One of many", "state": "queued", "priority": 1 + n % 10,
                    "queued_at": at + timedelta(seconds=n), "find_text": "",
                }
                for n in range(1, size + 1)
            ]  # fmt: skip
            await session.execute(sa.insert(Task), rows)
    return ids


async def turn(database: Database, limits: SchedulingLimits = LIMITS) -> list[int]:
    """One admission, whose runs end before the next: the projects served."""
    async with database.write() as session:
        admitted = await admit(session, "w1", limits)
        rows = await session.scalars(sa.select(Run).where(Run.id.in_([one.run_id for one in admitted])))
        runs = {run.id: run for run in rows}
        served = [runs[one.run_id].project_id for one in admitted]
        done = [run.task_id for run in runs.values()]
        await session.execute(sa.update(Run).where(Run.id.in_(runs)).values(state="passed", finished_at=now()))
        await session.execute(sa.update(Task).where(Task.id.in_(done)).values(state="done", current_run_id=None))
    return served


async def test_a_thousand_tasks_of_twenty_projects_are_served_fairly(database: Database) -> None:
    """One project has half of all, one has a single task: nobody waits for the large one. benchmarks/ says how soon."""
    small = (1000 - LARGE - 1) // (PROJECTS - 2)
    ids = await fill(database, [LARGE, *[small] * (PROJECTS - 2), 1])
    served: list[int] = []
    for _ in range(40):
        served += await turn(database)
    assert len(served) == 40 * LIMITS.worker_capacity
    assert served.index(ids[-1]) < PROJECTS, "the single task of a project is among the first"
    counts = Counter(served)
    while_all_had_work = [counts[number] for number in ids[:-1]]
    assert max(while_all_had_work) - min(while_all_had_work) <= 1, counts


async def test_limits_of_role_hub_and_agent_hold_over_several_orchestrators(database: Database) -> None:
    async with database.write() as session:
        project = await make_project(session)
        for _ in range(9):
            await make_task(session, project, stage="deploy", state="queued", queued_at=now())
        for _ in range(3):
            await make_task(session, project, stage="dev", state="queued", queued_at=now(), priority=10)
    wide = SchedulingLimits(worker_capacity=9, per_project=9, overall=6, per_role={"dev": 1})
    two = replace(wide, agents=(AgentRoom("local", 3), AgentRoom("second", 2)))
    async with database.write() as session:
        assert len(await admit(session, "w1", replace(wide, worker_capacity=2))) == 2
        assert len(await admit(session, "w2", two)) == 3, "the two of w1 have an agent that nobody knows: the first"
        assert await admit(session, "w3", two) == []
        assert len(await admit(session, "w3", wide)) == 1, "six runs are all that the hub may have"
        roles = Counter((await session.scalars(sa.select(Run.role))).all())
        assert roles["dev"] == 1
        agents = Counter((await session.scalars(sa.select(Run.agent).where(Run.owner == "w2"))).all())
        assert agents == {"second": 2, "local": 1}


@pytest.fixture
def card() -> SchedulingLimits:
    return SchedulingLimits(
        worker_capacity=4, per_project=4, cards=frozenset({"ollama"}), default_model="ollama/small", batch_seconds=300
    )


async def model_tasks(database: Database) -> None:
    """Four tasks at DEV, two of them by a model of their own, and the small model loaded two minutes ago."""
    async with database.write() as session:
        project = await make_project(session, key="POC", workflow_id=(await _aider(session)).id)
        for number in range(1, 5):
            models = ["ollama/large"] if number % 2 else None
            at = now() - timedelta(minutes=5 - number)
            await make_task(session, project, stage="dev", state="queued", queued_at=at, models=models)
        at = now() - timedelta(minutes=2)
        session.add(ModelLoad(provider="ollama", model="ollama/large", seconds=7.5, created_at=at))
        session.add(ModelLoad(provider="ollama", model="ollama/small", before="ollama/large", created_at=at))
        session.add(Worker(id="w1", host="here", pid=1, capacity=4))


async def _aider(session):
    from tests.support.factories import STAGES, make_workflow

    stages = [{**stage, "steps": [{"executor": "aider"}]} if stage["name"] == "dev" else stage for stage in STAGES]
    definition = {"name": "edits", "title": "Edits", "start": "dev", "stages": stages}
    return await make_workflow(session, name="edits", definition=definition, sha256="edits".ljust(64, "0"))


async def test_tasks_of_the_loaded_model_go_first_and_the_others_are_told_what_a_change_costs(
    database: Database, card: SchedulingLimits
) -> None:
    await model_tasks(database)
    async with database.read() as session:
        told = {one.key: one.sentence for one in await read_queue(session, card)}
    cost = "a change to ollama/large costs about 7.5 s."
    assert told["POC-2"] == told["POC-4"] == "Starts next."
    assert told["POC-1"] == told["POC-3"] == f"Waits while ollama/small is loaded: {cost}"
    async with database.write() as session:
        await admit(session, "w1", card)
        running = (await session.scalars(sa.select(Task.key).where(Task.state == "running"))).all()
        assert sorted(running) == ["POC-2", "POC-4"]
        assert set((await session.scalars(sa.select(Run.model))).all()) == {"ollama/small"}
        await session.execute(sa.update(ModelLoad).values(created_at=now() - timedelta(minutes=6)))
        assert await admit(session, "w1", card) == []
    async with database.read() as session:
        told = {one.key: one.sentence for one in await read_queue(session, card)}
    assert told["POC-1"] == f"Is next with ollama/large, when the runs with ollama/small have ended: {cost}"
    async with database.write() as session:
        await session.execute(sa.update(Run).values(state="passed"))
        await session.execute(sa.update(Task).where(Task.state == "running").values(state="done"))
        assert len(await admit(session, "w1", card)) == 2


async def test_every_sentence_of_the_queue_is_what_admission_does(database: Database) -> None:
    """Those that are said to start next are those that start; the others are told what stops them."""
    async with database.write() as session:
        one, other = await make_project(session, key="ONE"), await make_project(session, key="TWO")
        paused = await make_project(session, key="OFF", paused=True)
        session.add(Worker(id="w1", host="here", pid=1, capacity=8))
        for project, stage, count in ((one, "dev", 7), (other, "deploy", 2), (paused, "dev", 1)):
            for _ in range(count):
                await make_task(session, project, stage=stage, state="queued", queued_at=now())
        later = await make_task(
            session, other, stage="deploy", state="queued", queued_at=now(), priority=10,
            retry_at=now() + timedelta(seconds=30),
        )  # fmt: skip
        held = await make_task(session, other, stage="deploy", state="queued", queued_at=now(), branch="wfhub/TWO-1")
        busy = await make_task(session, other, stage="deploy", state="running", branch="wfhub/TWO-1")
        await make_run(session, busy, state="running", owner="w0", role="qa")
    limits = SchedulingLimits(worker_capacity=8, per_project=6)
    async with database.read() as session:
        queue = await read_queue(session, limits)
    told = {one.key: one.sentence for one in queue}
    assert told["ONE-7"] == "DEV is full: 5 of 5."
    assert told["OFF-1"] == "Its project is paused."
    assert told[later.key].startswith("Its last run was lost: it is tried again in ")
    assert told[held.key] == "Another run writes on its branch wfhub/TWO-1."
    next_ones = {key for key, sentence in told.items() if sentence == "Starts next."}
    turns = [one.key for one in queue if one.project_id != paused.id]
    assert turns[:4] == ["ONE-1", "TWO-3", "ONE-2", "TWO-1"], "in turns, the more urgent of each first"
    async with database.write() as session:
        runs = [one.run_id for one in await admit(session, "w1", limits)]
        started = sa.select(Task.key).join(Run, Run.task_id == Task.id).where(Run.id.in_(runs))
        assert set((await session.scalars(started)).all()) == next_ones
        projects = Counter((await session.scalars(sa.select(Project.key).join(Run).where(Run.id.in_(runs)))).all())
        assert projects == {"ONE": 5, "TWO": 2}
