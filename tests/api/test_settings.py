"""The hub's own settings: over the environment, live at once, versioned, taken back; who was late sees both."""

from typing import Any

import httpx
import pytest

from main_api.app import create_app
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.domain.states import RunState, TaskState
from services.events import log
from tests.api.conftest import AUTH
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def named(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["settings"]}


async def test_what_is_set_wins_over_the_environment_and_holds_at_once(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    before = named(await client.get("/settings"))
    assert before["default_model"]["source"] == "default" and before["offline"]["value"] is False
    changes = {"default_model": "ollama/tiny:1b", "auto_trigger_agents": False, "daily_budget_usd": 3.5}
    after = named(await client.patch("/settings", json={"version": 1, **changes, "include_images": False}))
    for name, value in changes.items():
        assert (after[name]["value"], after[name]["source"]) == (value, "database")
    assert after["default_model"]["environment"] == before["default_model"]["value"]
    assert hub.settings.default_model == "ollama/tiny:1b" and hub.settings.auto_trigger_agents is False
    assert hub.settings.limits.default_model == "ollama/tiny:1b"  # what is worked out of them too
    assert hub.gateway.budgets.daily_usd == 3.5
    assert (await client.get("/budgets")).json()["today"]["limit_usd"] == 3.5
    reset = named(await client.patch("/settings", json={"version": 2, "reset": ["default_model", "daily_budget_usd"]}))
    assert reset["default_model"]["source"] == "default" and reset["daily_budget_usd"]["value"] is None
    assert hub.settings.default_model == before["default_model"]["value"]
    assert reset["auto_trigger_agents"]["value"] is False


async def test_it_holds_after_a_restart_and_for_another_main_api(
    client: httpx.AsyncClient, settings: MainSettings
) -> None:
    await client.patch("/settings", json={"version": 1, "run_budget_usd": 0.25})
    other = create_app(settings)
    async with other.router.lifespan_context(other):
        assert other.state.hub.settings.run_budget_usd == 0.25
        await client.patch("/settings", json={"version": 2, "run_budget_usd": 0.75})
        for _ in range(100):
            if other.state.hub.settings.run_budget_usd == 0.75:
                break
            await other.state.hub.follower.wait(10**9, 0.1)
        assert other.state.hub.settings.run_budget_usd == 0.75


async def test_no_limit_is_something_else_than_what_the_environment_says(settings: MainSettings) -> None:
    app = create_app(settings.model_copy(update={"daily_budget_usd": 9.0}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as client:
            told = named(await client.patch("/settings", json={"version": 1, "daily_budget_usd": None}))
            assert (told["daily_budget_usd"]["value"], told["daily_budget_usd"]["source"]) == (None, "database")
            assert told["daily_budget_usd"]["environment"] == 9.0
            assert app.state.hub.settings.daily_budget_usd is None
            back = named(await client.post("/settings/undo", json={"version": 2, "undo": 2}))
            assert back["daily_budget_usd"]["value"] == 9.0


async def test_a_hub_that_was_started_offline_stays_so(settings: MainSettings) -> None:
    app = create_app(settings.model_copy(update={"offline": True}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as client:
            told = named(await client.patch("/settings", json={"version": 1, "offline": False}))
            assert told["offline"]["value"] is True and app.state.hub.settings.offline is True


async def test_who_is_late_is_told_what_is_set_now(client: httpx.AsyncClient) -> None:
    await client.patch("/settings", json={"version": 1, "offline": True})
    late = await client.patch("/settings", json={"version": 1, "offline": False})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert late.json()["current"] == {"version": 2, "offline": True}


async def test_a_change_is_taken_back_unless_a_later_one_stands_on_it(client: httpx.AsyncClient, hub: HubParts) -> None:
    await client.patch("/settings", json={"version": 1, "default_model": "ollama/a"})
    await client.patch("/settings", json={"version": 2, "offline": True})
    await client.patch("/settings", json={"version": 3, "default_model": "ollama/b"})
    refused = await client.post("/settings/undo", json={"version": 4, "undo": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "change_stood_on")
    assert refused.json()["detail"] == ("Version 2 can't be taken back alone: version 4 changed default_model again.")
    told = named(await client.post("/settings/undo", json={"version": 4, "undo": 3}))
    assert told["offline"]["value"] is False and told["default_model"]["value"] == "ollama/b"
    told = named(await client.post("/settings/undo", json={"version": 5, "undo": 4}))
    assert told["default_model"]["value"] == "ollama/a"
    versions = (await client.get("/settings/versions")).json()
    assert [one["version"] for one in versions] == [6, 5, 4, 3, 2]
    assert versions[0]["fields"] == ["default_model"] and versions[0]["state"] == {"default_model": "ollama/a"}
    missing = await client.post("/settings/undo", json={"version": 6, "undo": 40})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    async with hub.db.read() as session:
        told_of = [event for event in await log.after(session, 0) if event.kind == "settings.changed"]
    assert told_of[1].data["before"] == {"offline": "(as in the environment)"}
    assert told_of[1].data["after"] == {"offline": True} and told_of[1].actor == "person"


async def test_what_a_change_means_for_work_in_flight_is_said(client: httpx.AsyncClient, hub: HubParts) -> None:
    assert named(await client.get("/settings"))["default_model"]["effect"].startswith("Nothing is in flight.")
    async with hub.db.write() as session:
        project = await make.make_project(session)
        running = await make.make_task(session, project, state=TaskState.RUNNING, stage="dev")
        await make.make_run(session, running, state=RunState.RUNNING)
        await make.make_task(session, project, state=TaskState.QUEUED, stage="dev")
    said = named(await client.get("/settings"))["default_model"]["effect"]
    assert said.startswith("1 run is under way and 1 task waits in the queue. Runs under way keep their model")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"version": 1}, 422, "validation"),
        ({"version": 1, "default_model": "qwen"}, 422, "validation"),
        ({"version": 1, "default_model": "nobody/model"}, 400, "model_policy_invalid"),
        ({"version": 1, "daily_budget_usd": -1}, 422, "validation"),
        ({"version": 1, "offline": None}, 422, "validation"),
        ({"version": 1, "reset": ["nothing"]}, 422, "validation"),
        ({"version": 1, "offline": True, "reset": ["offline"]}, 400, "invalid_input"),
    ],
)
async def test_what_can_not_be_set_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.patch("/settings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get("/settings")).json()["version"] == 1
