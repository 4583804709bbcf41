"""Who gets in: the bearer, the Host, the Origin and the body's size; and each attack works where its check is off."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from main_api import auth
from main_api.app import create_app
from main_api.auth import Door
from main_api.door.headers import ALWAYS
from main_api.door.names import host_name, known_hosts
from main_api.hub import HubParts
from main_api.readable import Readable
from main_api.refusals import BadSettings
from main_api.settings import MainSettings
from services.logs.request_id import RequestId
from tests.api.conftest import AUTH, TOKEN

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
    asked = [(m, route.path) for route in routes for m in route.methods or ()] + [("GET", "/openapi.json")]
    assert len(asked) > 200
    for method, path in asked:
        response = await client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
        if method == "HEAD":
            assert (response.status_code, response.content) == (401, b"")
        else:
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


REBOUND = [
    "evil.example", "evil.example:8002", "127.0.0.1.evil.example", "", "localhost:1@evil.example",
    "localhost:99999", "localhost..", "localhost:", "0.0.0.0", "2130706433", "127.1", "[::]", "[::1", "::1",
    "[fe80::1]", "xn--localhost", "localhost, evil.example", "localhost%2eevil",
]  # fmt: skip


async def test_a_rebound_name_is_refused(client: httpx.AsyncClient) -> None:
    for host in REBOUND:
        _problem(await client.get("/projects", headers={"Host": host}), 421, "host_refused")
        _problem(await client.get("/health", headers={"Host": host}), 421, "host_refused")


OWN_NAMES = [
    "localhost", "LOCALHOST:8002", "127.0.0.1:9", "[::1]:8002", "[::1]", "[0:0:0:0:0:0:0:1]:8002", "localhost.",
    "localhost.:8002", "wfhub.localhost", "WFHUB.localhost.:443",
]  # fmt: skip


async def test_the_hubs_own_names_are_taken(client: httpx.AsyncClient) -> None:
    for host in OWN_NAMES:
        assert (await client.get("/projects", headers={"Host": host})).status_code == 200


async def test_two_hosts_are_refused(client: httpx.AsyncClient) -> None:
    """Proxies and servers differ on which of them counts."""
    doubled = [("Host", "127.0.0.1:8002"), ("Host", "evil.example")]
    _problem(await client.get("/projects", headers=[*doubled, *AUTH.items()]), 421, "host_refused")


FOREIGN = [
    "https://evil.example", "null", "NULL", "", "http://127.0.0.1:9999", "http://localhost:8002", "file://",
    "http://127.0.0.1:8002.evil.example", "http://127.0.0.1", "http://127.0.0.1:8002/", "ftp://127.0.0.1:8002",
    "http://user@127.0.0.1:8002", "chrome-extension://abc", "http://127.0.0.1.:8002",
]  # fmt: skip


async def test_a_page_from_elsewhere_is_refused(client: httpx.AsyncClient) -> None:
    for origin in FOREIGN:
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


async def test_with_two_origins_each_has_to_be_ours(client: httpx.AsyncClient) -> None:
    headers = [("Origin", "http://127.0.0.1:8002"), ("Origin", "https://evil.example")]
    _problem(await client.get("/projects", headers=[*headers, *AUTH.items()]), 403, "origin_refused")


async def test_an_origin_that_the_owner_allows_is_taken(settings: MainSettings, app: FastAPI) -> None:
    named = create_app(settings.model_copy(update={"allowed_origins": ("https://Mine.example/",)}))
    named.state.hub = app.state.hub
    transport = httpx.ASGITransport(named, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as client:
        mine = {"Origin": "https://mine.example", "Sec-Fetch-Site": "cross-site"}
        answer = await client.get("/projects", headers=mine)
        assert answer.status_code == 200 and "access-control-allow-origin" not in answer.headers
        _problem(await client.get("/projects", headers=mine | {"Origin": "https://my.example"}), 403, "origin_refused")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALLOWED_ORIGINS", "null"), ("ALLOWED_ORIGINS", "*"), ("ALLOWED_ORIGINS", "hub.example"),
     ("ALLOWED_ORIGINS", "https://hub.example/page"), ("ALLOWED_HOSTS", "*"), ("ALLOWED_HOSTS", "*.example")],
)  # fmt: skip
def test_nobody_allows_everybody_by_mistake(name: str, value: str) -> None:
    secrets = {"WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": TOKEN[::-1]}
    with pytest.raises(BadSettings, match=name):
        MainSettings.from_environment({**secrets, name: value})


def test_hosts_are_written_with_or_without_brackets() -> None:
    assert known_hosts(["::1", "[::1]", "LocalHost.", "hub.example"]) == {"::1", "localhost", "hub.example"}


LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def test_a_browser_that_says_where_it_comes_from_is_believed(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second lock holds also where there is no Origin, and whatever else is sent."""
    for site in ("cross-site", "same-site", "Cross-Site", "new-word"):
        elsewhere = {"Sec-Fetch-Site": site}
        for path in ("/projects", "/health", "/openapi.json", "/chat.html", "/login?code=x", "/assets/x.js"):
            _problem(await client.get(path, headers=elsewhere), 403, "origin_refused")
            framed = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
            _problem(await client.get(path, headers=elsewhere | framed), 403, "origin_refused")
        _problem(await client.get("/projects", headers=elsewhere | LINK), 403, "origin_refused")
        _problem(await client.post("/login", json={"token": TOKEN}, headers=elsewhere | LINK), 403, "origin_refused")
        clicked = await client.get("/login?code=x", headers=elsewhere | LINK)
        assert clicked.status_code == 303, "a link in a page from elsewhere may lead here"
    monkeypatch.setattr(Door, "_check_fetch_site", lambda *_: None)
    assert (await client.get("/projects", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


async def test_every_answer_has_the_safe_headers(
    client: httpx.AsyncClient, settings: MainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.headers.pop("authorization")
    asked = [
        ("GET", "/health", {}, 200), ("GET", "/", {}, 307), ("GET", "/chat.html", {}, None), ("GET", "/x", AUTH, 404),
        ("GET", "/projects", AUTH, 200), ("GET", "/projects", {}, 401), ("GET", "/projects", {"Host": "a.b"}, 421),
        ("GET", "/projects", AUTH | {"Origin": "null"}, 403), ("PUT", "/projects", AUTH, 405),
        ("POST", "/projects", AUTH, 422), ("GET", "/login?code=x", {}, 303), ("GET", "/favicon.ico", {}, 308),
        ("DELETE", "/session", AUTH, 204), ("OPTIONS", "/projects", {"Origin": "https://evil.example"}, 403),
    ]  # fmt: skip
    for method, path, headers, status in asked:
        answer = await client.request(method, path, headers=headers)
        assert status in (None, answer.status_code), (path, answer.status_code)
        said = {name: answer.headers.get_list(name) for name in map(bytes.decode, ALWAYS)}
        assert all(len(values) == 1 for values in said.values()), (path, said)
        assert said["x-content-type-options"] == ["nosniff"] and said["x-frame-options"] == ["DENY"]
        assert "frame-ancestors 'none'" in said["content-security-policy"][0]
        assert "no-store" in answer.headers["cache-control"] or path == "/chat.html"
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    monkeypatch.setattr(auth, "with_safe_headers", lambda send: send)
    assert "x-content-type-options" not in (await client.get("/health")).headers


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
    assert [m.cls for m in app.user_middleware] == [RequestId, Door, Readable], (
        "outside the door there is only a number"
    )


@pytest.mark.parametrize("path", ["openai/v1/chat/completions", "ollama/api/chat"])
async def test_the_gateway_asks_for_a_runs_token(client: httpx.AsyncClient, path: str) -> None:
    """The owner's token is no run's: it opens the hub, and not the way to the models."""
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer wfr_x.y.z"}):
        response = await client.post(f"/gateway/{path}", json={"model": "ollama/x", "messages": []}, headers=headers)
        assert response.status_code == 401, response.text
    rebound = await client.post(f"/gateway/{path}", json={}, headers={"Host": "evil.example"})
    assert rebound.status_code == 421
