"""Ordered choices of models over HTTP: where they can be set, what is refused, and what a run tells of them."""

from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.choices.decisions import decide
from services.store.models import ModelCall, Project
from tests.support import factories as make

ONE, TWO = "ollama/small", "ollama/large"
ORDER = [{"model": ONE, "complexity": ["simple"], "size": ["S"]}, TWO]
REFUSED: list[tuple[Any, str]] = [
    ([], "A choice of models has at least one."),
    ([ONE, TWO, ONE], "ollama/small is named twice."),
    (["nowhere/x"], "There is no provider nowhere for nowhere/x."),
    (["small"], "'small' is no model's name."),
    ([{"model": ONE, "complexity": ["simple"]}], "No model is left for a medium task of size S."),
    ([f"ollama/m{n}" for n in range(9)], "9 models are named; 8 are the most."),
]


@pytest.mark.parametrize(("models", "sentence"), REFUSED)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_choice_that_can_not_be_used_is_refused_wherever_it_is_said(
    client: httpx.AsyncClient, hub: HubParts, models: Any, sentence: str
) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        task = await make.make_task(session, project)
    settings = {"models": {"dev": models}}
    told = [
        await client.put("/roles/dev/models", json={"version": 1, "models": models}),
        await client.post("/requests", json={"project_id": project.id, "text": "x", "models": models}),
        await client.post("/tasks", json={"project_id": project.id, "title": "x", "models": models}),
        await client.patch(f"/tasks/{task.id}", json={"version": 1, "models": models}),
    ]
    if models:
        told.append(await client.patch(f"/projects/{project.id}", json={"version": 1, "settings": settings}))
    for answer in told:
        assert (answer.status_code, answer.json()["code"]) == (400, "model_policy_invalid"), answer.text
        assert answer.json()["detail"].startswith(sentence) and answer.json()["way_out"]


async def test_where_a_choice_is_said_and_read_again(client: httpx.AsyncClient, hub: HubParts) -> None:
    role = (await client.get("/roles/dev")).json()
    assert (role["version"], role["models"]) == (1, None)
    changed = await client.put("/roles/dev/models", json={"version": 1, "models": ORDER})
    assert changed.status_code == 200 and changed.json()["version"] == 2
    assert [one for one in (await client.get("/roles")).json() if one["name"] == "dev"] == [changed.json()]
    assert changed.json()["models"] == ORDER and changed.json()["prompt"] == role["prompt"]
    assert (await client.put("/roles/dev/models", json={"version": 1, "models": None})).status_code == 409
    assert (await client.put("/roles/none/models", json={"version": 1, "models": None})).status_code == 404
    async with hub.db.write() as session:
        project = await make.make_project(session)
    body = {"project_id": project.id, "text": "x", "models": [TWO]}
    assert (await client.post("/requests", json=body)).json()["models"] == [TWO]
    task = (await client.post("/tasks", json={"project_id": project.id, "title": "x", "models": ORDER})).json()
    assert task["models"] == ORDER
    task = (await client.patch(f"/tasks/{task['id']}", json={"version": 1, "models": None})).json()
    assert task["models"] is None
    settings = {"models": {"dev": ORDER, "default": ONE}}
    kept = await client.patch(f"/projects/{project.id}", json={"version": 1, "settings": settings})
    assert kept.json()["settings"] == settings
    wrong = await client.patch(f"/projects/{project.id}", json={"version": 2, "settings": {"models": "ollama/x"}})
    assert wrong.json()["detail"].startswith("A project's models are named by role.")


async def test_a_run_tells_which_models_it_asked_and_why(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session, models=[ONE, TWO], model=ONE)
        project = await session.get_one(Project, run.project_id)
        for _ in range(2):
            await decide(session, run.id, "0-edit", ONE, TWO, "failure", "upstream_failed", "ollama answered 500: full")
        for model, outcome, error in ((ONE, "failed", "ollama answered 500: full"), (TWO, "answered", "")):
            session.add(
                ModelCall(
                    run_id=run.id, request_sha256="0" * 64, project_id=project.id, provider="ollama", model=model,
                    protocol="openai", path="chat/completions", outcome=outcome, error=error,
                )
            )  # fmt: skip
    told = (await client.get(f"/runs/{run.id}")).json()
    assert (told["models"], told["model"]) == ([ONE, TWO], TWO)
    (decision,) = told["model_decisions"]
    assert {name: decision[name] for name in ("wanted", "taken", "reason", "times")} == {
        "wanted": ONE, "taken": TWO, "reason": "failure", "times": 2
    }  # fmt: skip
    assert decision["sentence"] == "ollama answered 500: full"
    calls = (await client.get(f"/runs/{run.id}/model-calls")).json()
    assert [(call["model"], call["outcome"], call["error"]) for call in calls] == [
        (ONE, "failed", "ollama answered 500: full"), (TWO, "answered", "")
    ]  # fmt: skip
    events = (await client.get("/events", params={"run_id": run.id})).json()
    assert [event["data"]["taken"] for event in events if event["kind"] == "run.model_changed"] == [TWO]
