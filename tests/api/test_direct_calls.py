"""Direct calls: a token for models and nothing else, for a while, in the project's name and in the book."""

import time
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.models.direct import limited
from services.models.errors import RunNotActive, RunTokenInvalid
from services.models.run_tokens import issue, verify
from services.store.models import ModelCall
from tests.api.conftest import TOKEN
from tests.support import factories as make

SECRET = TOKEN[::-1]


async def opened(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/direct-calls", json={"name": "one"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_the_project_on_the_folder_gives_models_and_settings(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        settings = {"models": {"dev": "ollama/x"}, "commands": {"test": "pytest"}}
        project = await make.make_project(session, settings=settings)
    here = await opened(client, workspace=project.workspace_path)
    assert (here["project_id"], here["settings"], here["model"]["model"]) == (project.id, settings, "ollama/x")
    assert (here["id"], here["model"]["edit_format"]) == (f"direct-{project.id}-one", "whole")
    assert (await opened(client, workspace=project.workspace_path))["id"] == here["id"], "the same work, the same id"
    elsewhere = await opened(client, workspace="/nowhere", model="ollama/m")
    assert (elsewhere["project_id"], elsewhere["settings"], elsewhere["model"]["model"]) == (None, {}, "ollama/m")


async def test_what_it_cost(client: httpx.AsyncClient, hub: HubParts) -> None:
    call = await opened(client, name="paid")
    async with hub.db.write() as session:
        session.add(
            ModelCall(
                run_id=call["id"], request_sha256="0" * 64, provider="openai", protocol="openai", outcome="answered",
                path="chat/completions", model="openai/x", tokens_in=7, tokens_out=3, cost=0.25,
            )
        )  # fmt: skip
    told = (await client.get(f"/direct-calls/{call['id']}")).json()
    assert told == {"id": "direct-0-paid", "tokens_in": 7, "tokens_out": 3, "cost": 0.25, "calls": 1}
    assert (await client.get("/direct-calls/0190-no-call")).json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "a b"}, 422, "validation"),
        ({"name": "x" * 33}, 422, "validation"),
        ({"model": "nobody/m"}, 404, "model_missing"),
        ({"role": "nobody"}, 404, "not_found"),
        ({"workspace": "/a\0b"}, 422, "validation"),
        ({"seconds": 0}, 422, "validation"),
    ],
)
async def test_bad_input(client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str) -> None:
    answer = await client.post("/direct-calls", json={"name": "one"} | body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_its_token_opens_the_gateway_and_nothing_else(client: httpx.AsyncClient) -> None:
    token = (await opened(client))["model"]["token"]
    mine = {"Authorization": f"Bearer {token}.1"}
    assert (await client.get("/gateway/ollama/api/tags", headers=mine)).status_code == 200
    for path in ("/projects", "/direct-calls/direct-0-one"):
        assert (await client.get(path, headers=mine)).status_code == 401
    asked = await client.post(
        "/gateway/openai/v1/chat/completions", headers=mine,
        json={"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Hi"}]},
    )  # fmt: skip
    assert asked.status_code != 403 and "run" not in asked.json()["error"].get("code", ""), asked.text


def test_its_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    at = time.time()
    token = issue(SECRET, limited("direct-3-one", at + 60), "direct")
    assert verify(SECRET, f"{token}.2").run_id == "direct-3-one"
    longer = token.replace(limited("direct-3-one", at + 60), limited("direct-3-one", at + 9_999))
    assert longer != token
    with pytest.raises(RunTokenInvalid):
        verify(SECRET, longer)
    with pytest.raises(RunNotActive):
        verify(SECRET, issue(SECRET, limited("direct-3-one", time.time() - 60), "direct"))
