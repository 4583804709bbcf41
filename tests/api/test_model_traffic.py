"""What was asked of models: listed by what one looks for, summed up, and one call with its question and answer."""

import httpx
import pytest

from main_api.hub import HubParts
from services.models.traffic import Exchange
from services.redaction import KNOWN
from services.store.models import ModelCall
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def three_calls(hub: HubParts) -> list[int]:
    async with hub.db.write() as session:
        task = await make.make_task(session)
        run = await make.make_run(session, task)
        common = {
            "request_sha256": "0" * 64,
            "protocol": "openai",
            "path": "chat/completions",
            "project_id": task.project_id,
        }
        calls = [
            ModelCall(run_id=run.id, task_id=task.id, role="dev", provider="ollama", model="ollama/a:1b", cost=0.0,
                      outcome="answered", tokens_in=100, tokens_out=10, duration_ms=1500.0, **common),
            ModelCall(run_id=run.id, task_id=task.id, role="qa", provider="anthropic", model="anthropic/b", cost=0.02,
                      outcome="failed", tokens_in=50, tokens_out=0, duration_ms=500.0, error="It broke off.", **common),
            ModelCall(run_id=None, provider="ollama", model="ollama/a:1b", outcome="answered", **common),
        ]  # fmt: skip
        session.add_all(calls)
        await session.flush()
        return [call.id for call in calls]


async def test_calls_are_found_by_what_one_looks_for_and_summed_up(client: httpx.AsyncClient, hub: HubParts) -> None:
    first, second, third = await three_calls(hub)

    async def ids(**asked: object) -> list[int]:
        answer = await client.get("/model-calls", params={k: str(v) for k, v in asked.items()})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()]

    assert await ids() == [third, second, first]
    assert await ids(model="ollama/a:1b") == [third, first]
    assert await ids(by="owner") == [third]
    assert await ids(by="run", provider="ollama") == [first]
    assert await ids(outcome="failed") == await ids(role="qa") == [second]
    assert await ids(since="2100-01-01T00:00:00Z") == []
    assert await ids(until="2100-01-01T00:00:00Z", sort="-cost") == [second, third, first]
    row = (await client.get("/model-calls", params={"role": "dev"})).json()[0]
    assert row["task_key"] and row["error"] == ""
    total = (await client.get("/model-calls/totals", params={"by": "run"})).json()
    assert total == {"calls": 2, "failed": 1, "tokens_in": 150, "tokens_out": 10, "cost": 0.02, "seconds": 2.0}
    page = await client.get("/model-calls", params={"limit": 2})
    rest = await client.get("/model-calls", params={"limit": 2, "cursor": page.headers["X-Next-Cursor"]})
    assert [one["id"] for one in rest.json()] == [first]
    assert (await client.get("/model-calls", params={"outcome": "splendid"})).status_code == 422


async def test_one_call_has_its_question_and_answer_without_secrets(client: httpx.AsyncClient, hub: HubParts) -> None:
    first, second, _ = await three_calls(hub)
    with KNOWN.knowing("the test's secret", "sk-not-for-anybody-1234567890"):
        question = b'{"messages": [{"role": "user", "content": "say <b>hello</b> sk-not-for-anybody-1234567890"}]}'
        hub.gateway.traffic.note(Exchange({"call": second, "by": "run"}, b"another", b"more"))
        hub.gateway.traffic.note(Exchange({"call": first, "by": "run"}, question, b'{"content": "hello"}'))
        hub.gateway.traffic.stop()
    told = (await client.get(f"/model-calls/{first}")).json()
    assert ("<b>hello</b>" in told["request"], "sk-not-for" in told["request"]) == (True, False)
    assert (told["response"], told["request_bytes"], told["not_kept"]) == ('{"content": "hello"}', len(question), "")
    assert (await client.get("/model-calls/9999")).status_code == 404


async def test_a_call_that_the_log_has_no_more_says_so(client: httpx.AsyncClient, hub: HubParts) -> None:
    first, *_ = await three_calls(hub)
    told = (await client.get(f"/model-calls/{first}")).json()
    assert (told["request"], "has it no more" in told["not_kept"]) == (None, True)


async def test_runs_are_found_by_model_task_agent_and_time(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, title="Count 100% of it")
        one = await make.make_run(session, task, model="ollama/a:1b", agent="local")
        other = await make.make_run(session, await make.make_task(session), model="ollama/b:1b", agent="second")

    async def ids(**asked: str) -> list[str]:
        return [run["id"] for run in (await client.get("/runs", params=asked)).json()]

    assert await ids(model="ollama/a:1b") == await ids(agent="local") == await ids(text="100%") == [one.id]
    assert await ids(text="no such") == [] == await ids(since="2100-01-01T00:00:00Z")
    assert set(await ids(until="2100-01-01T00:00:00Z")) == {one.id, other.id}
