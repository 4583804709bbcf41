"""Answers through the gateway: passed on, stored, and given again only to the same attempt."""

import asyncio

import httpx
import pytest
import sqlalchemy as sa

from main_api.gateway import Gateway
from main_api.gateway.gateway import REST_SECONDS
from services.models.usage import usage_of_run
from services.store.models import ModelAnswer, ModelCall, ModelLoad
from services.store.types import now
from tests.integration.gateway.conftest import KEY, PRICED, QUESTION, SECRET, Hub, providers_at, serving, until
from tests.integration.gateway.provider import WORDS

TEXT = "".join(WORDS)


async def post(hub: Hub, path: str, body: dict[str, object], incarnation: int = 1) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return await client.post(
            f"{hub.root}/{path}", json=body, headers={"Authorization": f"Bearer {hub.token(incarnation)}"}
        )


async def test_openai_client_gets_an_answer_and_it_is_on_record(hub: Hub) -> None:
    answer = await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    assert answer.choices[0].message.content.startswith(TEXT)
    await until(lambda: _delivered(hub))  # the client has the last byte before the book says so
    (call,) = await hub.calls()
    assert (call.outcome, call.model, call.step, call.ordinal) == ("answered", "scripted/m", "edit", 0)
    assert (call.tokens_in, call.tokens_out, call.cost, call.estimated) == (10, 3, 0.0, False)
    async with hub.database.read() as session:
        usage = await usage_of_run(session, hub.run_id)
    assert (usage.tokens_in, usage.tokens_out, usage.calls) == (10, 3, 1)


async def test_openai_client_streams_word_by_word(hub: Hub) -> None:
    hub.provider.gate.clear()
    stream = await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION, stream=True)
    words = []
    async for chunk in stream:
        words.append(chunk.choices[0].delta.content)  # the usage event, which nobody asked for, has no choices
        hub.provider.gate.set()  # the first word came while the provider still held the rest
    assert [word for word in words if word] == list(WORDS)
    await until(lambda: _delivered(hub))
    (call,) = await hub.calls()
    assert call.streamed and (call.tokens_in, call.tokens_out, call.estimated) == (10, 3, False)


async def test_usage_is_passed_on_to_who_asked_for_it(hub: Hub) -> None:
    stream = await hub.openai().chat.completions.create(
        model="scripted/m", messages=QUESTION, stream=True, stream_options={"include_usage": True}
    )
    assert [chunk.usage.total_tokens async for chunk in stream if chunk.usage] == [13]


async def test_ollama_client_streams_and_gets_whole_answers(hub: Hub) -> None:
    client = hub.ollama()
    parts = [part.message.content async for part in await client.chat("ollama/m", QUESTION, stream=True)]
    assert "".join(part or "" for part in parts) == TEXT
    whole = await client.chat("ollama/m", QUESTION)
    assert whole.message.content == TEXT
    sent = hub.provider.calls("api/chat")
    assert [body["stream"] for body in sent] == [True, False]
    assert all(body["options"]["num_ctx"] == 8192 and body["truncate"] is False for body in sent)
    assert [model.model for model in (await client.list()).models] == ["ollama/m", "scripted/m"]
    assert [model.id async for model in hub.openai().models.list()] == ["openai/m", "ollama/m", "scripted/m"]


async def test_embeddings_pass(hub: Hub) -> None:
    answer = await hub.openai().embeddings.create(model="scripted/m", input="text", encoding_format="float")
    assert answer.data[0].embedding == [0.5]


async def test_context_of_ollama_is_pinned_for_the_openai_protocol(hub: Hub) -> None:
    for _ in range(2):
        await hub.openai().chat.completions.create(model="ollama/m:1b", messages=QUESTION)
    made = hub.provider.calls("api/create")
    assert [(body["from"], body["parameters"]) for body in made] == [("m:1b", {"num_ctx": 8192})]
    assert {body["model"] for body in hub.provider.calls("v1/chat/completions")} == {made[0]["model"]}


async def test_another_model_is_loaded_first_and_how_long_that_took_is_kept(hub: Hub) -> None:
    for model in ("ollama/m:1b", "ollama/m:1b", "ollama/m:2b", "scripted/m", "ollama/m:1b"):
        await hub.openai().chat.completions.create(model=model, messages=QUESTION)
    async with hub.database.read() as session:
        loads = (await session.scalars(sa.select(ModelLoad).order_by(ModelLoad.id))).all()
    assert [(one.before, one.model) for one in loads] == [
        ("", "ollama/m:1b"), ("ollama/m:1b", "ollama/m:2b"), ("ollama/m:2b", "ollama/m:1b"),
    ]  # fmt: skip
    asked = [body["model"] for body in hub.provider.calls("api/generate")]
    assert len(asked) == 3 and asked[0] == asked[2] != asked[1], "by the name that the calls then use"
    assert all(one.seconds is None or one.seconds >= 0 for one in loads)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("openai/v1/chat/completions", {"model": "scripted/m", "messages": QUESTION}),
        ("openai/v1/chat/completions", {"model": "scripted/m", "messages": QUESTION, "stream": True}),
        ("ollama/api/chat", {"model": "scripted/m", "messages": QUESTION}),
    ],
)
async def test_a_restarted_step_gets_the_same_bytes_and_nobody_is_asked(
    hub: Hub, path: str, body: dict[str, object]
) -> None:
    first = await post(hub, path, body)
    await until(lambda: _delivered(hub))
    again = Gateway(hub.database, providers_at(hub.provider.url), SECRET)
    async with serving(again) as port:
        restarted = Hub(hub.database, again, hub.provider, port, hub.run_id, hub.project_id)
        second = await post(restarted, path, dict(reversed(body.items())), incarnation=2)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content and first.headers["content-type"] == second.headers["content-type"]
    assert len(hub.provider.asked) == 1
    calls = await hub.calls()
    assert [(call.outcome, call.cost, call.tokens_in) for call in calls] == [("answered", 0, 10), ("replayed", 0, 0)]


async def test_asking_twice_in_one_start_asks_twice_and_both_are_kept(hub: Hub) -> None:
    client = hub.openai()
    texts = []
    for _ in range(2):
        answer = await client.chat.completions.create(model="scripted/m", messages=QUESTION)
        texts.append(answer.choices[0].message.content)
    assert texts[0] != texts[1] and len(hub.provider.asked) == 2
    restarted = hub.openai(incarnation=2)
    for text in texts:
        answer = await restarted.chat.completions.create(model="scripted/m", messages=QUESTION)
        assert answer.choices[0].message.content == text
    assert len(hub.provider.asked) == 2
    await restarted.chat.completions.create(model="scripted/m", messages=QUESTION)
    assert len(hub.provider.asked) == 3  # what the first start never asked is a new question


async def test_another_run_is_never_answered_from_the_store(hub: Hub) -> None:
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    hub.step = "other"
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    assert len(hub.provider.asked) == 2


async def test_an_answer_that_was_not_delivered_is_given_again(hub: Hub) -> None:
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    await until(lambda: _delivered(hub))
    async with hub.database.write() as session:  # as main-api leaves it when it is killed after storing
        await session.execute(sa.update(ModelCall).values(delivered_at=None))
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    assert len(hub.provider.asked) == 1
    assert [call.ordinal for call in await hub.calls()] == [0, 0]


async def test_two_starts_of_a_step_that_ask_at_once_are_one_question(hub: Hub) -> None:
    """As when the first agent was thought dead."""
    hub.provider.gate.clear()
    both = [
        asyncio.create_task(hub.openai(number).chat.completions.create(model="scripted/m", messages=QUESTION))
        for number in (1, 2)
    ]
    await until(lambda: _asked(hub, 1))
    await asyncio.sleep(0.1)
    assert len(hub.provider.asked) == 1
    hub.provider.gate.set()
    texts = {(await task).choices[0].message.content for task in both}
    assert len(texts) == 1 and len(hub.provider.asked) == 1


async def test_one_start_that_asks_the_same_twice_at_once_is_answered_in_turn(hub: Hub) -> None:
    hub.provider.gate.clear()
    client = hub.openai()
    both = [
        asyncio.create_task(client.chat.completions.create(model="scripted/m", messages=QUESTION)) for _ in range(2)
    ]
    await until(lambda: _asked(hub, 1))
    await asyncio.sleep(0.1)
    assert len(hub.provider.asked) == 1
    hub.provider.gate.set()
    assert len({(await task).choices[0].message.content for task in both}) == 2
    assert [call.ordinal for call in await hub.calls()] == [0, 1]


async def test_no_call_is_put_on_a_connection_that_a_local_server_may_be_closing(hub: Hub) -> None:
    """uvicorn's servers end one that rests for 5 s: a call on its way just then is lost, and never made twice."""
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    await hub.openai().chat.completions.create(model=PRICED, messages=QUESTION)
    assert len(hub.provider.connections) == 2
    await asyncio.sleep(REST_SECONDS + 0.3)
    await hub.openai().chat.completions.create(model=PRICED, messages=QUESTION)
    assert len(hub.provider.connections) == 2, "what is far away is not greeted anew"
    await hub.openai().chat.completions.create(model="scripted/m", messages=QUESTION)
    assert len(hub.provider.connections) == 3


async def test_no_secret_crosses_the_gateway(hub: Hub) -> None:
    response = await post(
        hub, "openai/v1/chat/completions", {"model": "openai/gpt-4o-mini", "messages": QUESTION, "stream": True}
    )
    assert "x-secret" not in response.headers and KEY not in str(response.headers) + response.text
    ((_path, body, headers),) = hub.provider.asked
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert "wfr_" not in str(headers) + str(body)
    await post(hub, "openai/v1/chat/completions", {"model": "scripted/m", "messages": QUESTION})
    assert "Authorization" not in hub.provider.asked[-1][2]


async def test_open_calls_of_a_killed_gateway_are_settled_at_their_reservation(hub: Hub) -> None:
    async with hub.database.write() as session:
        session.add(
            ModelCall(
                run_id=hub.run_id, project_id=hub.project_id, request_sha256="0" * 64, provider="openai",
                protocol="openai", path="chat/completions", model="openai/x", reserved_cost=0.25, created_at=now(),
            )
        )  # fmt: skip
    await Gateway(hub.database, {}, SECRET).start()
    (call,) = await hub.calls()
    assert (call.outcome, call.cost, call.estimated) == ("abandoned", 0.25, True)
    async with hub.database.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(ModelAnswer)) == 0


async def _delivered(hub: Hub) -> bool:
    return all(call.delivered_at for call in await hub.calls())


async def _asked(hub: Hub, number: int) -> bool:
    return len(hub.provider.asked) >= number
