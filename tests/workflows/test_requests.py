"""What becomes of a request: tries of a PM that gets it wrong, one task for an answer, a report."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.requests.decide import ask_again
from services.store.models import Plan, Request
from tests.workflows.conftest import PLAN, Hub

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
