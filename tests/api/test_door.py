"""Who gets in: the bearer, the Host, the Origin and the body's size; and each attack works where its check is off."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from main_api.app import create_app
from main_api.auth import Door
from main_api.door.names import host_name
from main_api.hub import HubParts
from main_api.settings import MainSettings

OPEN = {"/health", "/login", "/", "/chat.html", "/favicon.svg", "/favicon.ico"}


def _problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert {"type", "title", "detail", "way_out"} <= set(body)
    return body


@pytest.mark.parametrize("value", [None, "Bearer wrong", "Basic Zk3v", "Bearer ", "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"])
async def test_without_the_token_nothing_opens(client: httpx.AsyncClient, app: FastAPI, value: str | None) -> None:
    client.headers.pop("authorization")
    headers = {} if value is None else {"Authorization": value}
    routes = [
        route
        for route in app.routes
        if isinstance(route, APIRoute) and route.path not in OPEN and not route.path.startswith("/gateway/")
    ]
    for method, path in [(m, route.path) for route in routes for m in route.methods] + [("GET", "/openapi.json")]:
        response = await client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
        _problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_address_is_none(client: httpx.AsyncClient, settings: MainSettings) -> None:
    client.headers.pop("authorization")
    response = await client.get("/projects", params={"token": settings.token.get_secret_value()})
    _problem(response, 401, "unauthorized")


async def test_health_is_open_and_with_the_token_the_rest(client: httpx.AsyncClient) -> None:
    assert (await client.get("/projects")).status_code == 200
    client.headers.pop("authorization")
    response = await client.get("/health")
    assert (response.status_code, response.json()["status"], response.json()["database"]) == (200, "ok", True)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8002", "127.0.0.1.evil.example", "", "localhost:1@evil.example"]
)
async def test_a_rebound_name_is_refused(client: httpx.AsyncClient, host: str) -> None:
    _problem(await client.get("/projects", headers={"Host": host}), 421, "host_refused")
    _problem(await client.get("/health", headers={"Host": host}), 421, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8002", "127.0.0.1:9", "[::1]:8002", "wfhub.localhost"])
async def test_the_hubs_own_names_are_taken(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/projects", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8002"])
async def test_a_page_from_elsewhere_is_refused(client: httpx.AsyncClient, origin: str) -> None:
    _problem(await client.get("/projects", headers={"Origin": origin}), 403, "origin_refused")


async def test_the_hubs_own_page_is_taken(client: httpx.AsyncClient) -> None:
    for scheme in ("http", "https"):  # Caddy speaks https outside and http to us
        response = await client.get("/projects", headers={"Origin": f"{scheme}://127.0.0.1:8002"})
        assert response.status_code == 200


async def test_the_attacks_work_where_the_checks_are_off(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in ("_check_host", "_check_origin"):
        monkeypatch.setattr(Door, check, lambda *_: None)
    monkeypatch.setattr(Door, "_check_caller", _let_in)
    client.headers.pop("authorization")
    response = await client.get("/projects", headers={"Host": "evil.example", "Origin": "https://evil.example"})
    assert response.status_code == 200


async def _let_in(*_: object) -> None:
    """The check, switched off."""


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_above_the_limit_is_refused(client: httpx.AsyncClient, declared: bool, hub: HubParts) -> None:
    body = b'{"name": "' + b"x" * hub.settings.max_body_bytes + b'"}'

    async def chunks():
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    headers = {"Content-Type": "application/json"}
    response = await client.post("/projects", content=body if declared else chunks(), headers=headers)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("sent", "name"), [("", ""), ("A.b.:80", "a.b"), ("[::1]:8", "::1"), ("x:y:z", ""), ("x:", ""), ("a b", "")]
)
def test_host_names_are_read_without_fail(sent: str, name: str) -> None:
    assert host_name(sent) == name


def test_no_route_escapes_the_door(settings: MainSettings) -> None:
    app = create_app(settings)
    assert [m.cls for m in app.user_middleware] == [Door], "the door is the only middleware, so the outermost"


@pytest.mark.parametrize("path", ["openai/v1/chat/completions", "ollama/api/chat"])
async def test_the_gateway_asks_for_a_runs_token(client: httpx.AsyncClient, path: str) -> None:
    """The owner's token is no run's: it opens the hub, and not the way to the models."""
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer wfr_x.y.z"}):
        response = await client.post(f"/gateway/{path}", json={"model": "ollama/x", "messages": []}, headers=headers)
        assert response.status_code == 401, response.text
    rebound = await client.post(f"/gateway/{path}", json={}, headers={"Host": "evil.example"})
    assert rebound.status_code == 421
