"""Money: whatever is asked at the same time, by whichever process, and whoever is killed, no budget is overshot."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

import openai
import pytest
import sqlalchemy as sa

from main_api.gateway import Gateway
from services.models.budgets import Defaults
from services.models.prices import Price
from services.store.models import DayBudget, ModelCall, Project, Task
from services.store.types import now
from services.tasks.funds import set_day_budget
from tests.integration.gateway.conftest import (
    PRICED,
    QUESTION,
    SECRET,
    Hub,
    budget,
    providers_at,
    refused,
    serving,
    until,
)
from tests.support.factories import make_run
from tests.support.local_hub import CHECKOUT

ONE = Price("gpt-4o-mini", "https://api.openai.com/v1").cost(12, 1000)  # a call that uses all that it was allowed


async def ask_all(hubs: list[Hub], count: int) -> list[object]:
    """`count` different questions at once, dealt out to the hubs in turn."""
    asked = (
        hubs[number % len(hubs)].openai().chat.completions.create(
            model=PRICED, messages=[{"role": "user", "content": f"Say {number}."}], max_tokens=1000
        )
        for number in range(count)
    )  # fmt: skip
    return list(await asyncio.gather(*asked, return_exceptions=True))


@asynccontextmanager
async def another_process(hub: Hub) -> AsyncIterator[tuple[Hub, asyncio.subprocess.Process]]:
    """The same gateway in a process of its own, on the same database."""
    command = [sys.executable, "-m", "tests.integration.gateway.priced_gateway", hub.database.url, hub.provider.url]
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        while not (line := (await process.stdout.readline()).decode()).startswith("port "):
            assert line, "it ended before it served"
        yield replace(hub, port=int(line.split()[1])), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_fifty_calls_at_once_to_two_processes_do_not_overshoot_a_budget_for_ten(hub: Hub) -> None:
    """By the provider's own count: each answer uses all that it was allowed to."""
    hub.provider.tokens = (12, 1000)
    await budget(hub, 10.5 * ONE)
    async with another_process(hub) as (other, _):
        answers = await ask_all([hub, other], 50)
    refusals = [answer for answer in answers if isinstance(answer, openai.RateLimitError)]
    assert len(hub.provider.asked) == 10 and len(refusals) == 40
    assert {refusal.code for refusal in refusals} == {"budget_exceeded"}
    spent = sum(call.cost for call in await hub.calls())
    assert spent == pytest.approx(10 * ONE) and spent <= 10.5 * ONE


async def test_without_the_budget_the_same_fifty_all_pass(hub: Hub) -> None:
    await ask_all([hub], 50)
    assert len(hub.provider.asked) == 50


async def test_what_a_killed_gateway_had_under_way_stays_counted(hub: Hub) -> None:
    """Nobody knows what the provider did after the kill: the whole reservation is gone, and nothing more is sent."""
    hub.provider.tokens = (12, 1000)
    await budget(hub, 1.5 * ONE)
    hub.provider.gate.clear()
    async with another_process(hub) as (other, process):
        asking = asyncio.create_task(
            other.openai().chat.completions.create(model=PRICED, messages=QUESTION, max_tokens=1000)
        )

        async def reached() -> bool:
            return len(hub.provider.asked) == 1

        await until(reached)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(openai.APIConnectionError):
            await asking
    assert (await refused(hub, model=PRICED, max_tokens=1000)).code == "budget_exceeded"
    async with another_process(hub) as (again, _):  # its start settles what was left open
        assert (await refused(again, model=PRICED, max_tokens=1000)).code == "budget_exceeded"
    first = (await hub.calls())[0]
    assert first.outcome == "abandoned" and first.estimated and first.cost == first.reserved_cost >= ONE
    assert len(hub.provider.asked) == 1


@pytest.mark.parametrize("whose", ["task", "project", "setting"])
async def test_a_run_has_a_budget_and_the_next_run_its_own(hub: Hub, whose: str) -> None:
    (run,) = await runs_of(hub)
    limit = 1.5 * ONE
    if whose == "task":
        await hub.change(Task, run.task_id, run_budget_usd=limit)
        await hub.change(Project, hub.project_id, run_budget_usd=0.0)  # the narrower word holds
    elif whose == "project":
        await hub.change(Project, hub.project_id, run_budget_usd=limit)
    hub.provider.tokens = (12, 1000)
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, budgets=Defaults(
        run_usd=limit if whose == "setting" else 100.0
    ))  # fmt: skip
    async with serving(gateway) as port:
        served = replace(hub, gateway=gateway, port=port)
        first, second = await ask_all([served], 1), await ask_all([served], 1)
        assert not isinstance(first[0], BaseException), first
        assert isinstance(second[0], openai.RateLimitError) and "The run's budget" in str(second[0])
        async with hub.database.write() as session:
            task = await session.get_one(Task, run.task_id)
            next_run = await make_run(session, task, state="running")
        assert not isinstance((await ask_all([replace(served, run_id=next_run.id)], 1))[0], BaseException)


async def runs_of(hub: Hub) -> list[ModelCall]:
    """What the fixture's run is of, as its first call tells it."""
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    return await hub.calls()


async def test_a_budget_of_nothing_pays_for_nothing_and_leaves_local_models_alone(hub: Hub) -> None:
    await budget(hub, 0.0)
    assert (await refused(hub, model=PRICED)).code == "budget_exceeded"
    assert (await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)).choices


@pytest.mark.parametrize("stream", [True, False])
async def test_a_provider_that_sends_more_than_was_paid_for_is_cut_off(hub: Hub, stream: bool) -> None:
    """The limit is sent with each call; one that does not keep it could spend without end."""
    hub.provider.words = tuple(f"w{number} " for number in range(400))
    asked = {"model": PRICED, "messages": QUESTION, "max_tokens": 20, "stream": stream}
    if not stream:  # it comes in one piece, and its usage tells what it cost
        hub.provider.tokens = (10, 400)
        assert (await hub.openai().chat.completions.create(**asked)).choices  # type: ignore
        assert (await hub.calls())[0].tokens_out == 400
        return
    came = 0
    with pytest.raises(openai.APIError, match="after the 20 tokens"):
        async for _ in await hub.openai().chat.completions.create(**asked):  # type: ignore
            came += 1
    assert came <= 30
    (call,) = await hub.calls()
    assert call.outcome == "failed" and call.estimated and call.cost == call.reserved_cost > 0
    free = await hub.openai().chat.completions.create(**{**asked, "model": "scripted/m"})  # type: ignore
    assert len([part async for part in free]) > 400  # type: ignore


async def test_missing_usage_is_settled_at_the_reservation(hub: Hub) -> None:
    hub.provider.tells_usage = False
    await hub.openai().chat.completions.create(model=PRICED, messages=QUESTION, max_tokens=100)
    (call,) = await hub.calls()
    assert call.estimated and call.cost == call.reserved_cost > 0 and call.tokens_out == 100


async def test_under_a_budget_a_model_needs_a_price_unless_it_is_local(hub: Hub) -> None:
    assert (await hub.openai().chat.completions.create(model="openai/unheard-of", messages=QUESTION)).choices
    await budget(hub, 1.0)
    error = await refused(hub, model="openai/unheard-of")
    assert (error.status_code, error.code) == (400, "model_without_price")
    error = await refused(hub, model="ollama/big:120b-cloud")
    assert error.code == "model_without_price"
    assert (await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)).choices


async def test_the_day_has_a_budget_too(hub: Hub) -> None:
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, budgets=Defaults(daily_usd=0.000001))
    async with serving(gateway) as port:
        tight = Hub(hub.database, gateway, hub.provider, port, hub.run_id, hub.project_id)
        error = await refused(tight, model=PRICED)
    assert error.code == "budget_exceeded" and "Today's budget" in str(error)


async def test_a_person_sets_todays_budget_and_tomorrow_has_the_settings(hub: Hub) -> None:
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, budgets=Defaults(daily_usd=0.000001))
    async with serving(gateway) as port:
        served = replace(hub, gateway=gateway, port=port)
        assert (await refused(served, model=PRICED)).code == "budget_exceeded"
        async with hub.database.write() as session:
            await set_day_budget(session, 5.0, "owner")
        assert (await served.openai().chat.completions.create(model=PRICED, messages=QUESTION)).choices
        async with hub.database.write() as session:
            row = (await session.scalars(sa.select(DayBudget))).one()
            row.day = (date.fromisoformat(row.day) - timedelta(days=1)).isoformat()
        assert (await refused(served, model=PRICED)).code == "budget_exceeded"


async def test_a_clock_that_was_set_back_frees_no_money(hub: Hub) -> None:
    hub.provider.tokens = (12, 1000)
    gateway = Gateway(hub.database, providers_at(hub.provider.url), SECRET, budgets=Defaults(daily_usd=1.5 * ONE))
    async with serving(gateway) as port:
        served = replace(hub, gateway=gateway, port=port)
        assert not isinstance((await ask_all([served], 1))[0], BaseException)
        await hub.change(ModelCall, (await hub.calls())[0].id, created_at=now() + timedelta(hours=5))
        assert isinstance((await ask_all([served], 1))[0], openai.RateLimitError)
