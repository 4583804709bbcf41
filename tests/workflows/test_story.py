"""From a sentence to merged commits, with real git, a real database and the real engine."""

import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.store.models import Comment, Criterion, Finding, Handoff, Plan, Run, Task
from tests.workflows.conftest import PLAN, Hub, git, report_of


async def test_a_request_becomes_merged_commits(hub: Hub) -> None:
    await hub.ask()
    await hub.approve_plan()
    await hub.approve("POC-1")
    first = await hub.task("POC-1", state="done")
    await hub.approve("POC-2")
    second = await hub.task("POC-2", state="done")
    log = git(hub.workspace, "log", "--first-parent", "--format=%s", "main").splitlines()
    assert log == ["Merge POC-2: Write two", "Merge POC-1: Write one", "first"]
    assert git(hub.workspace, "status", "--porcelain") == ""
    assert {first.merged_sha, second.merged_sha} == set(git(hub.workspace, "rev-list", "--merges", "main").splitlines())
    body = git(hub.workspace, "log", "-1", "--format=%B", str(second.merged_sha))
    assert "Task: POC-2" in body
    assert "Run: " in body
    assert (await hub.plan("done")).state == "done"


async def test_each_stage_ran_once_in_order_and_handed_over(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    async with hub.bench.db.read() as session:
        runs = (await session.scalars(sa.select(Run).where(Run.task_id == task.id).order_by(Run.queued_at))).all()
        handoffs = (await session.scalars(sa.select(Handoff).order_by(Handoff.id))).all()
        criterion = (await session.scalars(sa.select(Criterion))).one()
    assert [(run.stage, run.state) for run in runs] == [
        (stage, "passed") for stage in ("dev", "qa", "sec", "docs", "deploy", "testing")
    ]
    assert [(h.from_stage, h.to_stage, h.state) for h in handoffs][:3] == [
        ("dev", "qa", "completed"), ("qa", "sec", "completed"), ("sec", "docs", "completed"),
    ]  # fmt: skip
    assert criterion.met is True
    assert criterion.evidence == "t::one"


async def test_a_failing_test_sends_the_task_back_with_the_finding_in_its_prompt(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    rounds = {"n": 0}

    def command(spec: RunSpec) -> RunResult:
        if spec.step.endswith("tests") and spec.role == "qa":
            rounds["n"] += 1
            if rounds["n"] == 1:
                return report_of("old", failing=("one",))
        return report_of("old", "one")

    hub.script.on_command = command
    await hub.ask()
    await hub.approve_plan()
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    assert task.round == 2
    prompts = [s.settings.message for s in hub.script.specs if s.settings.executor == "aider" and s.role == "dev"]
    assert len(prompts) == 2
    assert "The test t::one fails" not in prompts[0]
    assert "Round: 2" in prompts[1]
    assert "The test t::one fails" in prompts[1]
    assert "assert 1 == 2" in prompts[1]
    async with hub.bench.db.read() as session:
        findings = (await session.scalars(sa.select(Finding))).all()
    assert {f.state for f in findings} == {"fixed"}


async def test_after_the_last_round_a_person_decides(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    count = iter(range(100))

    def command(spec: RunSpec) -> RunResult:  # another test fails each time: there is progress of a kind
        return report_of("old", failing=(f"one{'abcdefg'[next(count)]}",) if spec.step.endswith("-tests") else ())

    hub.script.on_command = command
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting")
    assert (task.waiting_reason, task.stage) == ("rounds", "dev")
    assert "After 4 rounds it still fails" in task.waiting_sentence


async def test_rounds_without_progress_go_to_a_person_with_what_was_tried(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    hub.script.on_command = lambda spec: report_of("old", failing=("one",) if spec.role == "qa" else ())
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting")
    assert (task.waiting_reason, task.round) == ("rounds", 4)
    assert "3 rounds in a row ended with the same findings" in task.waiting_sentence
    async with hub.bench.db.read() as session:
        query = sa.select(Comment.body).where(Comment.author == "hub").order_by(Comment.id)
        told = (await session.scalars(query)).all()
    assert "Round 1: DEV changed POC-1-dev.txt" in told[-1]
    assert "Round 3:" in told[-1]
    assert "- Not met: one is there (medium, since round 1)" in told[-1]


async def test_a_plan_with_a_cycle_goes_back_and_then_to_the_person_with_its_faults(hub: Hub) -> None:
    circle = [{**PLAN["tasks"][0], "depends_on": ["two"]}, PLAN["tasks"][1]]
    hub.script.plan = {**PLAN, "tasks": circle}
    await hub.ask()
    plan = await hub.plan()
    assert "in a circle" in plan.faults[0]
    async with hub.bench.db.read() as session:
        states = (await session.scalars(sa.select(Plan.state).order_by(Plan.number))).all()
        tasks = (await session.scalars(sa.select(Task))).all()
    assert states == ["draft", "draft", "waiting"]
    assert tasks == []
    prompts = [spec.settings.prompt for spec in hub.script.specs if spec.settings.executor == "tools"]
    assert "in a circle" not in prompts[0]
    assert "in a circle" in prompts[1]


async def test_nothing_changed_is_not_done(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    hub.script.on_aider = lambda _: RunResult(outcome="completed", sentence="I have done it all.")
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting")
    assert task.waiting_reason == "rounds"
    assert "Nothing was changed" in task.waiting_sentence
