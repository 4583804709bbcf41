"""A gate's results are kept with their reasons; only a person lets a task pass one that failed. And a quick fix."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from main_api.reads.gate import read_gate
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.domain.errors import InvalidInput
from services.projects.edit import use_workflow
from services.reviews.errors import GateNotFailed
from services.reviews.override import override
from services.reviews.results import results_of
from services.roles.read import newest_workflow
from services.store.models import Event, Finding, GateResult, Run, Task
from services.tasks.change import change_of_task
from services.tasks.control import trigger
from services.tasks.create import create_task
from tests.workflows.conftest import Hub, git, report_of

NOTE = "The rounding is known, and has its own task."


async def quick_fix(hub: Hub) -> int:
    async with hub.bench.db.write() as session:
        await use_workflow(session, hub.project_id, await newest_workflow(session, "quickfix"), "person")
    async with hub.bench.db.write() as session:
        task = await create_task(
            session, hub.project_id, title="Fix one", created_by="person", criteria=[("one is right", "t::one")]
        )
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    return task.id


async def failed_run(hub: Hub) -> Run:
    query = sa.select(Run).where(Run.stage == "qa", Run.state == "failed").order_by(Run.id.desc()).limit(1)
    return await hub.until(lambda session: session.scalar(query))


async def let_pass(hub: Hub, run_id: str, note: str = NOTE) -> None:
    async with hub.bench.db.read() as session:
        run = await session.get_one(Run, run_id)
        task = await session.get_one(Task, run.task_id)
    change = await change_of_task(hub.bench.repos, task)
    async with hub.bench.db.write() as session:
        await override(session, run_id, actor="person", note=note, change=change)


async def test_a_quick_fix_fails_its_gate_is_let_pass_by_a_person_and_merged(hub: Hub) -> None:
    hub.script.on_command = lambda spec: report_of("old", failing=() if "-base" in spec.step else ("one",))

    def fix(spec: RunSpec) -> RunResult:
        name = f"{spec.task_key}.txt"
        Path(spec.worktree, name).write_text("fixed\n")
        return RunResult(outcome="completed", files_touched=(name,))

    hub.script.on_aider = fix
    async with hub.bench.db.write() as session:
        workflow = await newest_workflow(session, "quickfix")
        workflow.definition = {**workflow.definition, "rounds": 1}  # a person decides after the first
        workflow.sha256 = "one round"
    task_id = await quick_fix(hub)
    task = await hub.task("POC-1", state="waiting")
    assert (task.stage, task.waiting_reason) == ("dev", "rounds")
    run = await failed_run(hub)
    async with hub.bench.db.read() as session:
        told = {one.rule: (one.passed, one.reason) for one in await results_of(session, run.id)}
        gate = await read_gate(session, task)
    assert told["commands_pass"] == (False, "The test t::one fails")
    assert told["criteria_met"][0] is False and told["tests_required"][0] is True
    assert gate is not None and gate.can_override and (gate.stage, gate.goes_to) == ("qa", "DEPLOY")

    with pytest.raises(InvalidInput):
        await let_pass(hub, run.id, " ")
    await let_pass(hub, run.id)
    await let_pass(hub, run.id)  # said twice, it counts once
    asked = await hub.task("POC-1", stage="deploy", state="waiting")
    assert (asked.waiting_reason, asked.round) == ("approval", 1)
    async with hub.bench.db.read() as session:
        rules = {one.rule: (one.passed, one.overridden_by, one.note) for one in await results_of(session, run.id)}
        overridden = (await session.scalars(sa.select(Event).where(Event.kind == "gate.overridden"))).all()
        findings = set((await session.scalars(sa.select(Finding.state).where(Finding.task_id == task_id))).all())
        gate = await read_gate(session, asked)
    assert rules["commands_pass"] == (False, "person", NOTE) and rules["tests_required"] == (True, None, "")
    assert len(overridden) == 1 and overridden[0].data["note"] == NOTE and overridden[0].actor == "person"
    assert findings == {"waived"}
    assert gate is not None and gate.overridden and not gate.can_override

    await hub.approve("POC-1")
    await hub.task("POC-1", state="done")
    assert git(hub.workspace, "show", "main:POC-1.txt") == "fixed"
    async with hub.bench.db.read() as session:
        kept = (
            await session.execute(sa.select(Run.stage, GateResult.rule).join(GateResult).order_by(GateResult.id))
        ).all()
    assert [row.rule for row in kept if row.stage == "dev"] == [
        "changes_required", "no_secrets", "max_files", "max_lines",
    ]  # fmt: skip
    merging = next(row for row in kept if row.stage == "deploy")
    assert merging.rule == "merged"
    with pytest.raises(GateNotFailed):
        async with hub.bench.db.read() as session:
            passed = await session.scalar(sa.select(Run.id).where(Run.stage == "dev"))
        await let_pass(hub, str(passed))


async def test_docs_can_not_write_code_and_an_older_gate_can_not_be_let_pass(hub: Hub) -> None:
    async with hub.bench.db.write() as session:
        await use_workflow(session, hub.project_id, await newest_workflow(session, "docs-only"), "person")
    rounds: list[int] = []

    def write(spec: RunSpec) -> RunResult:
        rounds.append(1)
        name = "day.py" if len(rounds) == 1 else "day.md"
        Path(spec.worktree, name).write_text("x = 1\n")
        return RunResult(outcome="completed", files_touched=(name,))

    hub.script.on_aider = write
    async with hub.bench.db.write() as session:
        task = await create_task(session, hub.project_id, title="Write", created_by="person")
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    await hub.task("POC-1", stage="deploy", state="waiting")
    async with hub.bench.db.read() as session:
        runs = (await session.scalars(sa.select(Run).order_by(Run.id))).all()
        results = {one.rule: one for one in await results_of(session, runs[0].id)}
    assert [run.state for run in runs] == ["failed", "passed"]
    assert results["paths"].reason == "day.py was changed, which this stage may not do"
    assert results["paths"].measured == "1 file: day.py" and results["no_secrets"].passed
    prompts = [spec.settings.message for spec in hub.script.specs if spec.settings.executor == "aider"]
    assert "day.py was changed" not in prompts[0] and "day.py was changed" in prompts[1]
    with pytest.raises(GateNotFailed):
        await let_pass(hub, runs[0].id)
