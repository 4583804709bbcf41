"""Which models a run may use, and in which order: who says it, and what its work, the money and the network leave."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.choices.choose import Chosen, House, choose
from services.domain.errors import HubError
from services.models.budgets import Defaults
from services.models.policy import read_policy
from services.store.database import Database
from services.store.models import ModelCall, Project, Role, Run, Task
from tests.support import factories as make

HOUSE = House("ollama/usual", frozenset({"ollama"}))
DEAR, SMALL, OWN = "anthropic/dear", "openai/small", "ollama/own"
BY_WORK = [{"model": SMALL, "complexity": ["simple"], "size": ["S", "M"]}, {"model": OWN, "complexity": "medium"}, DEAR]


async def work(
    session: AsyncSession, said_by: dict[str, Any], complexity: str = "complex"
) -> tuple[Project, Role, Run, Task]:
    settings = {
        "models": {name: said_by[f"project:{name}"] for name in ("dev", "default") if f"project:{name}" in said_by}
    }
    project = await make.make_project(session, settings=settings)
    request = await make.make_request(session, project, models=said_by.get("request"))
    plan = await make.make_plan(session, request, body={"complexity": complexity, "tasks": []})
    task = await make.make_task(session, project, plan_id=plan.id, models=said_by.get("task"), size="L")
    role = Role(name="dev", version=1, title="DEV", prompt="", principles="", models=said_by.get("role"))
    return project, role, await make.make_run(session, task), task


async def chosen(
    database: Database, said_by: dict[str, Any], complexity: str = "complex", house: House = HOUSE
) -> Chosen:
    async with database.write() as session:
        project, role, run, task = await work(session, said_by, complexity)
        return await choose(session, house, project, role, run, task)


async def test_the_narrowest_word_counts(database: Database) -> None:
    said: dict[str, Any] = {}
    for who in ("project:default", "role", "project:dev", "request", "task"):
        said[who] = [f"ollama/by-{who}".replace(":", "-"), DEAR]
        assert (await chosen(database, said)).models == tuple(said[who]), who
    assert (await chosen(database, {})).models == ("ollama/usual",)
    assert (await chosen(database, {"project:dev": "ollama/plain"})).models == ("ollama/plain",)
    assert (await chosen(database, {})).plain is None


async def test_the_works_complexity_and_size_decide_and_it_is_told(database: Database) -> None:
    hard = await chosen(database, {"role": BY_WORK})
    assert hard.models == (DEAR,) and [one.reason for one in hard.passed] == ["complexity"] * 2
    assert hard.passed[0].sentence == "openai/small is for simple tasks, and this one is complex."
    easy = await chosen(database, {"role": BY_WORK}, "simple")
    assert easy.models == (DEAR,)
    assert easy.passed[0].sentence == "openai/small is for tasks of size S or M, and this one is L."
    assert (await chosen(database, {"role": BY_WORK}, "medium")).models == (OWN, DEAR)
    async with database.write() as session:
        project, role, run, task = await work(session, {"role": BY_WORK})
        task.plan_id, task.size = None, "S"  # made by hand: its size says how complex it is
        assert (await choose(session, HOUSE, project, role, run, task)).models == (SMALL, DEAR)
        planning = Run(id="p", project_id=project.id, stage="plan", state="queued", request_id=None)
        assert (await choose(session, HOUSE, project, role, planning)).models == (SMALL, OWN, DEAR)


@pytest.mark.parametrize("whose", ["project", "day", "run"])
async def test_a_budget_that_is_used_up_puts_ones_own_models_first(database: Database, whose: str) -> None:
    order = [DEAR, SMALL, OWN]
    async with database.write() as session:
        project, role, run, task = await work(session, {"role": order})
        house = replace(HOUSE, budgets=Defaults(daily_usd=2.0 if whose == "day" else None))
        project.budget_usd = 2.0 if whose == "project" else None
        task.run_budget_usd = 2.0 if whose == "run" else None
        await session.flush()
        assert (await choose(session, house, project, role, run, task)).models == tuple(order)
        session.add(
            ModelCall(run_id=run.id, request_sha256="0", project_id=project.id, provider="anthropic", model=DEAR,
                      protocol="anthropic", path="messages", outcome="open", reserved_cost=2.0)
        )  # fmt: skip
        await session.flush()
        poor = await choose(session, house, project, role, run, task)
    assert poor.models == (OWN, DEAR, SMALL)
    assert [(one.model, one.reason) for one in poor.passed] == [(DEAR, "budget"), (SMALL, "budget")]
    assert "budget of $2.00 is used up." in poor.passed[0].sentence


async def test_offline_ones_own_models_come_first_and_ollamas_cloud_is_none_of_them(database: Database) -> None:
    offline = replace(HOUSE, offline=True)
    order = ["ollama/big-cloud", DEAR, OWN]
    found = await chosen(database, {"role": order}, house=offline)
    assert found.models == (OWN, "ollama/big-cloud", DEAR) and {one.reason for one in found.passed} == {"offline"}
    assert (await chosen(database, {"role": [DEAR, SMALL]}, house=offline)).models == (DEAR, SMALL)  # refused by name


@pytest.mark.parametrize(
    "kept", [None, [], [{}], [{"model": OWN, "for": "all"}], [{"model": OWN, "size": "XL"}], {"a": 1}]
)
def test_what_is_no_choice_is_a_sentence(kept: Any) -> None:
    with pytest.raises(HubError) as caught:
        read_policy(kept)
    assert caught.value.code == "model_policy_invalid" and caught.value.sentence.endswith(".")
