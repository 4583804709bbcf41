"""Secrets in prompts: a provider gets a sign in their place, who asked gets them back, and the database has neither."""

import json

import pytest
import sqlalchemy as sa

from main_api.gateway.hiding import Hiding
from services.redaction import KNOWN
from services.store.models import ModelAnswer, ModelCall
from tests.integration.gateway.conftest import KEY, Hub

OURS = "Qw8sXb71LtYcNn5uPd6eZk3vRr0hJ2m9"
THEIRS = "ghp_" + "a1B2" * 9
FILE = f'TOKEN = "{THEIRS}"\nHUB = "{OURS}"\n'


async def stored(hub: Hub) -> bytes:
    async with hub.database.read() as session:
        rows = (await session.scalars(sa.select(ModelAnswer))).all()
    return b"\n".join(row.body for row in rows)


async def test_a_provider_never_sees_one_and_who_asked_gets_it_back(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider plays a model that writes the whole file again, as Aider's edit format `whole` asks."""
    real = hub.provider._openai_whole

    def repeats(body):
        answer = real(body)
        answer["choices"][0]["message"]["content"] = body["messages"][0]["content"]
        return answer

    monkeypatch.setattr(hub.provider, "_openai_whole", repeats)
    with KNOWN.knowing("WFHUB_TOKEN", OURS):
        question = [{"role": "user", "content": FILE}]
        answer = await hub.openai().chat.completions.create(model="scripted/m", messages=question)
        again = await hub.openai(2).chat.completions.create(model="scripted/m", messages=question)
    assert answer.choices[0].message.content == again.choices[0].message.content == FILE
    (asked,) = hub.provider.calls("v1/chat/completions")
    assert THEIRS not in json.dumps(asked) and OURS not in json.dumps(asked)
    assert asked["messages"][0]["content"].count("[hidden-secret-") == 2
    assert [call.outcome for call in await hub.calls()] == ["answered", "replayed"]
    kept = await stored(hub)
    assert kept.startswith(b"wfhub-sealed-1:") and THEIRS.encode() not in kept and OURS.encode() not in kept


async def test_an_answer_without_secrets_is_stored_as_it_is(hub: Hub) -> None:
    question = [{"role": "user", "content": "Say something."}]
    await hub.openai().chat.completions.create(model="scripted/m", messages=question)
    assert b"One whole answer." in await stored(hub)


async def test_what_a_provider_says_of_an_error_holds_none(hub: Hub) -> None:
    hub.provider.status = 401
    hub.provider.error = {"error": {"message": f"Incorrect API key provided: {KEY}; you sent {THEIRS}"}}
    with pytest.raises(Exception, match="Incorrect API key") as refused:
        await hub.openai().chat.completions.create(
            model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "x"}]
        )
    async with hub.database.read() as session:
        (call,) = (await session.scalars(sa.select(ModelCall))).all()
    for said in (str(refused.value), call.error):
        assert KEY not in said and THEIRS not in said and "[redacted:" in said


def test_a_secret_goes_back_into_json_within_json() -> None:
    secret = 'quote"back\\slash-0123456789'
    hiding = Hiding("k" * 40)
    with KNOWN.knowing("X", secret):
        sign = hiding.hide({"messages": [{"content": f"It is {secret}."}]})["messages"][0]["content"][6:-1]
    arguments = json.dumps({"new": f"key = {sign}"})
    answer = {"choices": [{"message": {"content": f"the key {sign}", "tool_calls": [{"arguments": arguments}]}}]}
    message = json.loads(hiding.put_back(json.dumps(answer).encode()))["choices"][0]["message"]
    assert message["content"] == f"the key {secret}"
    assert json.loads(message["tool_calls"][0]["arguments"]) == {"new": f"key = {secret}"}
    assert hiding.put_back(b"no json, no sign") == b"no json, no sign"
    assert Hiding("k" * 40).put_back(json.dumps(answer).encode()) == json.dumps(answer).encode()
