"""Agents with the right make bugs and subtasks, once, when their run ends; the others are refused, and it is told."""

import sqlalchemy as sa

from services.contract.asking import Wanted
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.roles.edit import edit_role
from services.store.models import Bug, Comment, Event, Role, Run, Task
from services.workflows.making import make
from tests.workflows.conftest import PLAN, Hub

BUG = Wanted(kind="bug", title="A sum is wrong", description="1 + 1 is 3.", severity="high", files=("sum.py",))
TASK = Wanted(kind="task", title="Say it in words", criteria=("42 is forty-two",), files=("words.py", "/etc/passwd"))


async def test_what_agents_make_waits_for_a_person(hub: Hub) -> None:
    def qa(spec: RunSpec) -> RunResult:
        if spec.settings.output_name == "plan":  # type: ignore[union-attr]
            return RunResult(outcome="completed", answer={**PLAN, "tasks": PLAN["tasks"][:1]})
        checks = {"checks": [{"criterion": 1, "met": True, "test": "t::one"}]}
        return RunResult(outcome="completed", answer=checks, wanted=(BUG, BUG, TASK))

    hub.script.on_tools = qa
    await hub.ask()
    await hub.approve_plan()
    await hub.approval("POC-1")
    making = next(spec.settings.making for spec in hub.script.specs if spec.step == "0-judge")  # type: ignore[union-attr]
    assert making is not None and (making.tasks, making.bugs, making.most) == (False, True, 5)
    async with hub.bench.db.read() as session:
        bugs = (await session.scalars(sa.select(Bug))).all()
        refused = (await session.scalars(sa.select(Event.data).where(Event.kind == "run.refused"))).all()
        run = (await session.scalars(sa.select(Run).where(Run.stage == "qa"))).one()
        said = (await session.scalars(sa.select(Comment.body).where(Comment.run_id == run.id))).one()
    assert [(bug.title, bug.severity, bug.state, bug.created_by) for bug in bugs] == [
        ("A sum is wrong", "high", "open", "qa")
    ]
    assert [(one["wanted"], one["why"]) for one in refused] == [
        ("bug", f"Bug {bugs[0].id} has this title and is open."),
        ("task", "The role's rights do not let it make tasks."),
    ]
    assert f"Made: bug {bugs[0].id} A sum is wrong" in said and "Not made: Say it in words" in said

    async with hub.bench.db.write() as session:
        role = (await session.scalars(sa.select(Role).where(Role.name == "qa", Role.active))).one()
        rights = {"rights": {"create_tasks": True, "create_bugs": False}}
        await edit_role(session, "qa", role.version, {"settings": rights}, "person")
        task = (await session.scalars(sa.select(Task).where(Task.key == "POC-1"))).one()
        run = await session.get_one(Run, run.id)
        many = [TASK.model_copy(update={"title": f"Task {number}"}) for number in range(6)]
        await make(session, run, task, [BUG.model_copy(update={"title": "Another"}), *many])
    async with hub.bench.db.read() as session:
        made = (await session.scalars(sa.select(Task).where(Task.parent_id == task.id).order_by(Task.number))).all()
    assert [(one.state, one.stage, one.created_by, one.files) for one in made] == [
        ("idle", "backlog", "qa", ["words.py"])
    ] * 5
    assert [one.get("refused", "") for one in run.details["made"]] == [
        "The role's rights do not let it make bugs.", *[""] * 5, "One run makes 5 tasks and bugs at most.",
    ]  # fmt: skip
