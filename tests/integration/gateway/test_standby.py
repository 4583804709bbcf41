"""Models that stand in for one another: when, for what, told how; and never after the first byte."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

from main_api.gateway import Gateway
from services.domain.states import RunState
from services.models.providers import Provider
from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel
from services.store.database import Database
from services.store.models import Event, ModelAnswer, ModelDecision, Project, Run
from tests.integration.gateway.conftest import PRICED, SECRET, Hub, providers_at, serving
from tests.integration.gateway.provider import CountingProvider
from tests.integration.gateway.test_faults import SCENARIO, said
from tests.support.factories import make_project, make_run, make_task

BROKEN_KEY = """
  - when: {contains: bad key}
    fault: {status: 401}
  - when: {contains: not there}
    fault: {status: 404}
"""
ORDER = ["faulty/m", "spare/m"]
Decided = list[tuple[str, str, str, str, int]]


@pytest_asyncio.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[Provider]:
    """Every fault of the scripted model; `never starts` and the like by what is asked."""
    rules, rest = SCENARIO.split("  - answer: Well.")
    (tmp_path / "story.yaml").write_text(f"{rules.rstrip()}{BROKEN_KEY}  - answer: Well.{rest}", encoding="utf-8")
    app = ScriptedModel(load_scenario(tmp_path / "story.yaml"), Counts()).app()
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield Provider("faulty", f"{root}/v1", root, local=True)
    await runner.cleanup()


@pytest_asyncio.fixture
async def hub(database: Database, provider: CountingProvider, faulty: Provider) -> AsyncIterator[Hub]:
    async with database.write() as session:
        project = await make_project(session)
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING, models=ORDER)
    spare = Provider("spare", f"{provider.url}/v1", local=True)
    made = {**providers_at(provider.url), "faulty": faulty, "spare": spare}
    gateway = Gateway(database, made, SECRET, silence_seconds=20, busy_pauses=(0.02, 0.02), fallback_seconds=1.5)
    async with serving(gateway) as port:
        yield Hub(database, gateway, provider, port, run.id, project.id)


async def ask(hub: Hub, text: str, model: str = ORDER[0], stream: bool = False, incarnation: int = 1) -> str:
    client = hub.openai(incarnation)
    if not stream:
        answer = await client.chat.completions.create(model=model, messages=said(text))
        return answer.choices[0].message.content or ""
    parts = await client.chat.completions.create(model=model, messages=said(text), stream=True)
    return "".join([part.choices[0].delta.content or "" async for part in parts if part.choices])


async def order(hub: Hub, *models: str) -> None:
    await hub.change(Run, hub.run_id, models=list(models))


async def decided(hub: Hub, step: str) -> Decided:
    async with hub.database.read() as session:
        rows = await session.scalars(sa.select(ModelDecision).where(ModelDecision.step == step).order_by("id"))
        return [(row.wanted, row.taken, row.reason, row.code, row.times) for row in rows]


CASES = [
    ("web page", "upstream_failed", "answered with a web page"),
    ("five hundred", "upstream_failed", "answered 500"),
    ("reset", "upstream_failed", "broke off"),
    ("bad key", "model_refused", "refused the call with 401"),
    ("not there", "model_missing", "does not have the model 'm'"),
    ("wait untold", "upstream_busy", "come back later"),
    ("wait long", "upstream_busy", "come back later"),
    ("never starts", "upstream_timeout", "sent nothing for 2 s"),
]


async def test_what_fails_before_the_first_byte_is_asked_of_the_next_model(hub: Hub) -> None:
    for number, (text, code, words) in enumerate(CASES):
        own = replace(hub, step=f"s{number}")
        assert (await ask(own, text, stream=number % 2 == 1)).startswith("One whole answer."), text
        assert await decided(hub, own.step) == [(*ORDER, "failure", code, 1)], text
        failed, answered = (await hub.calls())[-2:]
        assert (failed.model, failed.outcome, answered.model, answered.outcome) == (
            ORDER[0], "failed", ORDER[1], "answered"
        )  # fmt: skip
        assert words in failed.error, text
    async with hub.database.read() as session:
        events = (await session.scalars(sa.select(Event).where(Event.kind == "run.model_changed"))).all()
        run = await session.get_one(Run, hub.run_id)
    assert len(events) == len(CASES) and run.model == ORDER[1]
    assert events[0].data["taken"] == ORDER[1] and "web page" in events[0].data["sentence"]


async def test_a_stream_that_has_a_status_and_never_starts_is_given_up_too(hub: Hub) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(30)
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", silent)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    mute = Provider("mute", f"http://127.0.0.1:{runner.addresses[0][1]}/v1", local=True)
    gateway = replace(
        hub.gateway, providers={**hub.gateway.providers, "mute": mute}, _sessions={}, fallback_seconds=0.2
    )
    await order(hub, "mute/m", "spare/m")
    async with serving(gateway) as port:
        own = replace(hub, gateway=gateway, port=port)
        assert await ask(own, "and now?", "mute/m", stream=True) == "One whole answer."
    assert (await decided(hub, hub.step))[0][3] == "upstream_timeout"
    await runner.cleanup()


async def test_what_was_decided_holds_for_the_step_and_after_a_restart(hub: Hub) -> None:
    await ask(hub, "five hundred")
    hub.provider.asked.clear()
    assert "answer" in await ask(hub, "and now?")  # the first model would answer this: "Well."
    again = replace(hub.gateway, _sessions={})
    async with serving(again) as port:
        other = replace(hub, gateway=again, port=port)
        assert await ask(other, "five hundred", incarnation=2) == "One whole answer. #1"  # from the store
        assert "answer" in await ask(other, "yet another")
        assert await ask(replace(other, step="next"), "yet another") == "Well."  # a new step begins with the first
    assert len(hub.provider.asked) == 2
    assert await decided(hub, hub.step) == [(*ORDER, "failure", "upstream_failed", 1)]
    assert [call.outcome for call in await hub.calls()][-3] == "replayed"


async def test_nobody_stands_in_after_the_first_byte_or_for_embeddings(hub: Hub) -> None:
    hub.gateway.providers["dies"] = replace(hub.gateway.providers["spare"], name="dies")
    await order(hub, "dies/m", "faulty/m")
    hub.provider.dies = True
    for stream in (True, False):
        with pytest.raises(openai.APIError, match="broke off"):
            await ask(hub, "and now?", "dies/m", stream)
    hub.provider.dies, hub.provider.status = False, 500
    with pytest.raises(openai.APIStatusError, match="answered 500"):
        await hub.openai().embeddings.create(model="dies/m", input="x")
    assert await decided(hub, hub.step) == [] and {call.model for call in await hub.calls()} == {"dies/m"}


async def test_money_that_does_not_cover_the_dear_model_goes_to_the_next(hub: Hub) -> None:
    await order(hub, PRICED, "spare/m")
    await hub.change(Project, hub.project_id, budget_usd=0.0)
    assert "answer" in await ask(hub, "and now?", PRICED)
    assert await decided(hub, hub.step) == [(PRICED, "spare/m", "budget", "budget_exceeded", 1)]
    (refused, answered) = await hub.calls()
    assert refused.outcome == "refused" and "has $0.0000 left" in refused.error and answered.cost == 0.0
    assert [body["model"] for body in hub.provider.calls("v1/chat/completions")] == ["m"]


async def test_a_provider_that_nobody_knows_and_a_prompt_that_does_not_fit_go_on_too(hub: Hub) -> None:
    gone = replace(hub, step="gone")
    await order(hub, "nowhere/m", *ORDER)
    assert await ask(gone, "and now?", "nowhere/m") == "Well."
    assert (await decided(hub, "gone"))[0][2:4] == ("failure", "model_missing")
    small = replace(hub.gateway, profiles={"spare/m": {"context_tokens": 1024}, "faulty/m": {"context_tokens": 99_999}},
                    _sessions={})  # fmt: skip
    await order(hub, "spare/m", "faulty/m")
    async with serving(small) as port:
        long = replace(hub, step="long", gateway=small, port=port)
        assert await ask(long, "word " * 3_000, "spare/m") == "Well."
    assert (await decided(hub, "long"))[0][2:4] == ("context", "context_exceeded")


async def test_when_none_can_answer_each_is_named_and_decisions_are_counted_not_repeated(hub: Hub) -> None:
    hub.provider.status, hub.provider.error = 500, {"error": "full"}
    for _ in range(3):
        with pytest.raises(openai.APIStatusError) as caught:
            await ask(hub, "five hundred")
        assert "None of 2 models can answer. " in str(caught.value) and caught.value.code == "upstream_failed"
        assert "spare/m: spare answered 500: full" in str(caught.value)
    assert await decided(hub, hub.step) == [
        (*ORDER, "failure", "upstream_failed", 2), (*ORDER[::-1], "failure", "upstream_failed", 1)
    ]  # fmt: skip
    async with hub.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(ModelAnswer)) == 0


async def test_who_asks_for_another_model_than_its_runs_gets_no_other(hub: Hub) -> None:
    body: Any = {"model": "nowhere/m", "messages": said("x")}
    with pytest.raises(openai.NotFoundError, match="There is no provider"):
        await hub.openai().chat.completions.create(**body)
    await order(hub, ORDER[0])
    with pytest.raises(openai.APIStatusError, match="answered 500"):
        await ask(replace(hub, step="alone"), "five hundred")
    assert json.dumps(await decided(hub, "alone")) == "[]"


async def test_offline_a_cloud_is_passed_over_with_the_reason_or_refused_with_the_way_out(hub: Hub) -> None:
    """Its address is a real vendor's: a call that got there would fail in other words."""
    cloud = Provider("openai", "https://api.openai.com/v1", key="sk-none", price_url="https://api.openai.com/v1")
    own = {name: replace(each, offline=True) for name, each in {**hub.gateway.providers, "openai": cloud}.items()}
    gateway = replace(hub.gateway, providers=own, _sessions={})
    async with serving(gateway) as port:
        offline = replace(hub, gateway=gateway, port=port)
        with pytest.raises(openai.BadRequestError, match=r"the hub is offline .* start the hub without --offline"):
            await ask(offline, "and now?", PRICED)
        await order(hub, PRICED, "spare/m")
        assert "answer" in await ask(replace(offline, step="cloud"), "and now?", PRICED)
    assert await decided(hub, "cloud") == [(PRICED, "spare/m", "offline", "model_offline", 1)]
