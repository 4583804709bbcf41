"""What becomes of a request: tries of a PM that gets it wrong, one task for an answer, a report."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.requests.decide import ask_again
from services.reviews import decide as reviews
from services.store.models import Plan, Proof, Request
from tests.workflows.conftest import PLAN, Hub, git

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NONSENSE = RunResult(
    outcome="failed", reason="model_nonsense", sentence="The model's answer cannot be used. It said: la"
)


def answers(hub: Hub, *results: RunResult | dict[str, Any]) -> None:
    """The PM's answers, one after the other; the last one for ever."""
    left = [one if isinstance(one, RunResult) else RunResult(outcome="completed", answer=one) for one in results]

    def answer(_: RunSpec) -> RunResult:
        return left.pop(0) if len(left) > 1 else left[0]

    hub.script.on_tools = answer


async def test_the_best_of_several_tries_is_shown_with_its_faults(hub: Hub) -> None:
    task = PLAN["tasks"][0]
    one_fault = {**PLAN, "tasks": [{**task, "priority": 11}]}
    many = {**PLAN, "tasks": [{**task, "id": f"t{n}", "title": f"Write {n}", "criteria": []} for n in range(200)]}
    answers(hub, one_fault, many, NONSENSE)
    await hub.ask()
    shown = await hub.plan()
    assert shown.body["tasks"][0]["priority"] == 11 and shown.number == 3
    assert shown.faults == [
        "Task one has priority 11; it must be 1 to 10.",
        f"The PM's next try could not be used: {NONSENSE.sentence}",
    ]
    prompts = [spec.settings.prompt for spec in hub.script.specs]
    assert "# Your last plan" not in prompts[0] and len(prompts) == 3
    assert "priority 11" in prompts[1] and json.dumps(task["title"]) in prompts[1]  # what it said, and what was wrong
    assert "this one has 200" in prompts[2] and "and 182 more of the kind" in prompts[2]
    async with hub.bench.db.read() as session:
        assert (await session.scalars(sa.select(Plan.state).order_by(Plan.number))).all() == ["draft", "waiting"]
        assert (await session.scalars(sa.select(Request.state))).all() == ["planned"]


async def test_a_model_that_never_gets_it_right_is_told_and_asked_again_by_a_person(hub: Hub) -> None:
    answers(hub, NONSENSE, {**PLAN, "tasks": PLAN["tasks"][:1]})
    number = await hub.ask()
    failed = await hub.until(lambda s: s.scalar(sa.select(Request).where(Request.state == "failed")))
    assert "It said: la" in failed.sentence
    async with hub.bench.db.write() as session:
        await ask_again(session, number, "person")
    assert (await hub.plan()).faults == []


RESEARCH = {"summary": "We look first.", "estimated_minutes": 10, "tasks": [
    {"id": "look", "title": "How could we?", "description": "", "kind": "research", "size": "S",
     "criteria": [{"text": "It says what there is", "check": "The report has a part on it"}]}]}  # fmt: skip
REPORT = {"title": "How we could", "summary": "By hand.", "body": "## What there is\n\nNothing.",
          "sources": ["README.md:1"], "open_questions": ["Who pays?"]}  # fmt: skip


async def test_what_nobody_knows_yet_is_answered_by_a_report_that_a_person_reads(hub: Hub) -> None:
    left = [{**REPORT, "body": " "}, REPORT, {**REPORT, "summary": "By a tool."}]

    def answer(spec: RunSpec) -> RunResult:
        said = RESEARCH if spec.settings.output_name == "plan" else left.pop(0)
        return RunResult(outcome="completed", answer=said)

    hub.script.on_tools = answer
    await hub.ask("Something nobody here knows")
    await hub.approve_plan()
    asked = await hub.approval("POC-1")
    task = await hub.task("POC-1", state="waiting")
    assert (task.stage, task.round) == ("reading", 2)  # an empty report passes no gate
    assert task.waiting_sentence == "Read what it left, and accept it or say what is missing."
    report = [spec for spec in hub.script.specs if spec.settings.output_name == "report"][-1]
    assert report.settings.tools == ("grep", "glob", "read") and "It says what there is" in report.settings.prompt
    async with hub.bench.db.write() as session:
        await reviews.ask_changes(session, asked.id, "person", "Is there no tool for it?")
    await hub.approve("POC-1")
    await hub.task("POC-1", state="done")
    assert "Is there no tool for it?" in hub.script.specs[-1].settings.prompt
    async with hub.bench.db.read() as session:
        proofs = (await session.scalars(sa.select(Proof).where(Proof.kind == "report").order_by(Proof.id))).all()
        assert (await session.scalars(sa.select(Plan.state))).all() == ["done"]
    texts = [hub.bench.proofs.get(proof.sha256).decode() for proof in proofs]
    assert [proof.name for proof in proofs] == ["report.md"] * 2 and "By a tool." in texts[1]
    assert texts[0] == (
        "# How we could\n\nBy hand.\n\n## What there is\n\nNothing.\n\n## Sources\n\n- README.md:1\n\n"
        "## Open questions\n\n- Who pays?\n"
    )
    assert git(hub.workspace, "log", "--format=%s") == "first"  # nothing was merged
