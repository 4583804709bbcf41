"""Criteria: proven by a test or a command of their own, judged by a place that exists, or ticked by a person."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.store.models import Criterion
from services.tasks.control import trigger
from services.tasks.criteria import edit_criterion
from services.workflows.places import lines_of
from tests.workflows.conftest import PLAN, Hub, report_of

CRITERIA = [
    {"text": "one is there", "check": "t::one"},
    {"text": "it builds", "check": "$ make all"},
    {"text": "it reads well", "check": "by reading it"},
    {"text": "it is quick", "check": "by reading it"},
]
CHECKS = [
    {"criterion": 1, "met": True},
    {"criterion": 3, "met": True, "place": "POC-1-dev.txt:1", "note": "Short and clear."},
    {"criterion": 4, "met": True, "place": "POC-1-dev.txt:2"},  # it has one line
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_each_criterion_says_how_it_is_known(hub: Hub) -> None:
    plan = {**PLAN, "tasks": [{**PLAN["tasks"][0], "criteria": CRITERIA}]}
    commands: list[str] = []

    def tools(spec: RunSpec) -> RunResult:
        is_plan = spec.settings.output_name == "plan"  # type: ignore[union-attr]
        return RunResult(outcome="completed", answer=plan if is_plan else {"checks": CHECKS})

    def command(spec: RunSpec) -> RunResult:
        if "criterion-" not in spec.step:
            return report_of("old", "one")
        commands.append(spec.settings.command)  # type: ignore[union-attr]
        return RunResult(outcome="completed", exit_code=0)

    hub.script.on_tools, hub.script.on_command = tools, command
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting", waiting_reason="evidence")
    assert (task.stage, task.round, commands) == ("qa", 1, ["make all"])
    assert task.waiting_sentence.startswith("Not shown: it is quick. ")
    asked = next(spec for spec in hub.script.specs if spec.step.endswith("write-tests"))
    assert "it builds" not in asked.settings.prompt.rpartition("What this step asks")[2]  # type: ignore[union-attr]
    rows = await criteria(hub)
    assert [(row.met, row.how, row.place) for row in rows] == [
        (True, "proven", "t::one"), (True, "proven", "make all"), (True, "judged", "POC-1-dev.txt:1"), (None, None, ""),
    ]  # fmt: skip
    assert rows[2].evidence == "Short and clear." and "in neither the change nor a report" in rows[3].evidence
    assert rows[0].run_id == rows[2].run_id is not None and rows[0].proof_id is rows[2].proof_id is None

    async with hub.bench.db.write() as session:
        await edit_criterion(session, task.id, rows[3].id, rows[3].version, {"met": True}, "person")
        await trigger(session, task.id, "person")
    await hub.approval("POC-1")
    assert [row.how for row in await criteria(hub)] == ["proven", "proven", "judged", "by_person"]


async def criteria(hub: Hub) -> list[Criterion]:
    async with hub.bench.db.read() as session:
        return list(await session.scalars(sa.select(Criterion).order_by(Criterion.position)))


def test_places_are_lines_of_the_new_text() -> None:
    patch = Path(__file__).parent.joinpath("change.patch").read_text()
    assert lines_of(patch) == {"a.py": [(1, 4), (40, 42)], "new file.txt": [(1, 2)]}
