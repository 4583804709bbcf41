"""What agents ask, in the inbox and on the task; answered once, over HTTP."""

import httpx
import pytest

from main_api.hub import HubParts
from services.contract.asking import AskedQuestion
from services.questions.ask import ask
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_an_agents_question_is_shown_and_answered_once(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="waiting", waiting_reason="answer")
        run = await make.make_run(session, task, stage="dev", role="dev", state="blocked", reason="asked")
        asked = [AskedQuestion(text="Euro or dollar?", options=("Euro", "Dollar")), AskedQuestion(text="Since when?")]
        first, second = await ask(session, run, asked, task=task)
    inbox = (await client.get("/inbox")).json()
    assert [(one["kind"], one["id"], one["sentence"]) for one in inbox["items"]] == [
        ("question", first.id, "DEV asks: Euro or dollar?"), ("question", second.id, "DEV asks: Since when?"),
    ]  # fmt: skip
    shown = inbox["items"][0]["question"]
    assert (shown["options"], shown["task_id"], shown["run_id"]) == (["Euro", "Dollar"], task.id, run.id)

    path = f"/questions/{first.id}/answer"
    for wrong in ("   ", "x" * 4_001):
        refused = await client.post(path, json={"answer": wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    huge = await client.post(path, json={"answer": "x" * 1_000_000})
    assert (huge.status_code, huge.json()["code"]) == (413, "body_too_large")
    said = await client.post(path, json={"answer": " Euro "})
    assert (said.status_code, said.json()["state"], said.json()["answer"]) == (200, "answered", "Euro")
    again = await client.post(path, json={"answer": "Dollar"})
    assert (again.status_code, again.json()["answer"]) == (409, "Euro")
    assert (await client.get(f"/tasks/{task.id}")).json()["state"] == "waiting"  # the other one is still open

    assert (await client.post(f"/questions/{second.id}/answer", json={"answer": "2027"})).status_code == 200
    assert (await client.get(f"/tasks/{task.id}")).json()["state"] == "queued"
    assert (await client.get("/inbox")).json()["count"] == 0
    kept = (await client.get(f"/tasks/{task.id}/questions")).json()
    assert [(one["answer"], one["answered_by"]) for one in kept] == [("Euro", "person"), ("2027", "person")]
    assert [one["id"] for one in (await client.get("/questions", params={"state": "answered"})).json()] == [
        second.id, first.id,
    ]  # fmt: skip
    assert (await client.post("/questions/99/answer", json={"answer": "x"})).status_code == 404
