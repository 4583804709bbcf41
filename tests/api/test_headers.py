"""The safe headers stand on what every route answers, to who is in and to who is not."""

import re

import httpx
import pytest

from main_api import auth
from main_api.door.headers import ALWAYS
from main_api.openapi import schema

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STREAMS = re.compile(r"^/(ws|gateway|ollama)/|/stream$")  # never end, or speak a provider's protocol
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def calls() -> list[tuple[str, str]]:
    """Every route, of a row that is not there."""
    return [
        (method, re.sub(r"\{\w+\}", "987654", path))
        for path, route in schema()["paths"].items()
        for method in METHODS
        if method.lower() in route and not STREAMS.search(path)
    ]


async def answers(client: httpx.AsyncClient) -> list[tuple[str, httpx.Response]]:
    """Bodies that are nobody's: what changes something refuses them, or finds no such row."""
    found: list[tuple[str, httpx.Response]] = []
    for method, path in calls():
        body = {"json": []} if method in ("POST", "PUT", "PATCH") else {}
        found.append((f"{method} {path}", await client.request(method, path, **body)))
    return found


async def test_every_route_answers_with_the_safe_headers(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = await answers(client)
    assert len(within) > 200 and {answer.status_code // 100 for _, answer in within} >= {2, 4}
    del client.headers["authorization"]
    without = await answers(client)
    refused = [name for name, answer in without if answer.status_code != 401]
    assert set(refused) <= {"GET /health", "GET /login", "POST /login", "POST /session"}, refused
    for name, answer in within + without:
        for header in map(bytes.decode, ALWAYS):
            assert len(answer.headers.get_list(header)) == 1, (name, header)
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert {"no-store", "no-cache"} & set(re.split(r", ?", answer.headers["cache-control"])), name
        assert "server" not in answer.headers and "x-powered-by" not in answer.headers, name
        assert not [header for header in answer.headers if header.startswith("access-control-")], name
    monkeypatch.setattr(auth, "with_safe_headers", lambda send: send)
    assert "x-frame-options" not in (await client.get("/projects")).headers
