"""What a change does to the project's tests: measured with real git, decided by the gate, settled by a person."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.reviews.decide_finding import waive
from services.store.models import Finding, Task
from services.tasks.control import trigger
from tests.workflows.conftest import PLAN, Hub, git, report_of

TEST = "def test_old():\n    assert total() == 3\n"
ONE_TASK = {**PLAN, "tasks": PLAN["tasks"][:1]}


async def waive_all(hub: Hub, task: Task) -> list[str]:
    async with hub.bench.db.write() as session:
        rows = (await session.scalars(sa.select(Finding).where(Finding.task_id == task.id))).all()
        for row in rows:
            if row.state == "open":
                await waive(session, row.id, "person", "It has to be so.")
        return [f"{row.tool}/{row.rule}" for row in rows]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_edited_tests_are_caught_by_the_bases_own_and_a_person_may_waive_it(hub: Hub) -> None:
    """DEV empties an old test; the tests as they were fail against the change."""
    (hub.workspace / "tests").mkdir()
    (hub.workspace / "tests" / "test_one.py").write_text(TEST)
    git(hub.workspace, "add", ".")
    git(hub.workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "a test")
    laid: list[str] = []

    def edit(spec: RunSpec) -> RunResult:
        if spec.role == "dev":
            (Path(spec.worktree) / "tests" / "test_one.py").write_text("def test_old():\n    assert True\n")
        return hub.script.write(spec)

    def command(spec: RunSpec) -> RunResult:
        if not spec.step.endswith("-old"):
            return report_of("old", "one")
        laid.append((Path(spec.worktree) / "tests" / "test_one.py").read_text())
        assert (Path(spec.worktree) / "POC-1-dev.txt").exists(), "the change is there, with the base's tests"
        return report_of("one", failing=("old",))

    hub.script.plan, hub.script.on_aider, hub.script.on_command = ONE_TASK, edit, command
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting", waiting_reason="rounds")
    assert set(laid) == {TEST}
    assert "the test t::old fails" in task.waiting_sentence
    assert set(await waive_all(hub, task)) == {"tests/emptied", "tests/old-failed"}
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person", stage="qa")
    await hub.task("POC-1", stage="deploy", state="waiting", waiting_reason="approval")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_qa_writes_what_is_missing_and_without_any_test_a_person_looks(hub: Hub) -> None:
    tested = {"now": False}

    def tools(spec: RunSpec) -> RunResult:
        if spec.settings.output_name == "plan":
            return RunResult(outcome="completed", answer=ONE_TASK)
        if "write" not in spec.settings.tools:
            return RunResult(outcome="completed", answer={"checks": [{"criterion": 1, "met": True}]})
        assert spec.settings.writes == "tests"
        assert "- Criterion 1: one is there" in spec.settings.prompt
        (Path(spec.worktree) / "tests").mkdir(exist_ok=True)
        (Path(spec.worktree) / "tests" / "test_new.py").write_text("def test_one():\n    assert one()\n")
        checks = [{"criterion": 1, "met": True, "test": "t::one"}]
        return RunResult(outcome="completed", answer={"checks": checks}, files_touched=("tests/test_new.py",))

    hub.script.on_tools = tools
    hub.script.on_command = lambda _: report_of("one") if tested["now"] else report_of()
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting", waiting_reason="evidence")
    assert task.stage == "qa"
    assert "No test was run" in task.waiting_sentence
    tested["now"] = True
    assert "gate/no-tests" in await waive_all(hub, task)
    task = await hub.task("POC-1", stage="deploy", state="waiting", waiting_reason="approval")
    mirror = hub.bench.repos.mirror(hub.project_id)
    files = git(mirror, "log", "--format=%B", str(task.branch), "--", "tests/test_new.py")
    assert "Task: POC-1" in files
    assert "Run: " in files
