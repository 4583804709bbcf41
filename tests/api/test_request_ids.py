"""Every answer names its request, and so does every log line about it."""

import io
import json
import re
from collections.abc import Iterator

import httpx
import pytest
import structlog
from fastapi import FastAPI

from services.logs import configure

OURS = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    told = io.StringIO()
    configure("main-api", "debug", "json", told)
    yield told
    structlog.reset_defaults()


async def test_every_answer_has_an_id_of_its_own(client: httpx.AsyncClient) -> None:
    answers = [await client.get(path) for path in ("/health", "/projects", "/tasks/777", "/nowhere")]
    answers.append(await client.get("/projects", headers={"Authorization": "Bearer wrong-wrong-wrong"}))
    assert [answer.status_code for answer in answers] == [200, 200, 404, 404, 401]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 5 and all(map(OURS.fullmatch, ids))


async def test_a_callers_id_is_taken_over_if_it_is_sane(client: httpx.AsyncClient) -> None:
    answer = await client.get("/projects", headers={"X-Request-ID": "my-request.0001"})
    assert answer.headers["x-request-id"] == "my-request.0001"
    for insane in (
        "short",
        "x" * 65,
        "a b c d e f g h",
        'quoted"quoted"',
        "-begins-with-a-dash",
        "\x1b[31mred-letters",
    ):
        answer = await client.get("/projects", headers={"X-Request-ID": insane})
        assert OURS.fullmatch(answer.headers["x-request-id"]), insane
    twice = [("X-Request-ID", "my-request.0001"), ("X-Request-ID", "my-request.0002")]
    assert OURS.fullmatch((await client.get("/projects", headers=twice)).headers["x-request-id"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a logger remembers where it first wrote
async def test_what_breaks_is_logged_under_the_id_that_is_answered(
    app: FastAPI, client: httpx.AsyncClient, log: io.StringIO
) -> None:
    @app.get("/breaks")
    async def breaks() -> None:
        structlog.get_logger("route").info("about to break")
        raise ValueError("broken")

    app.router.routes.insert(0, app.router.routes.pop())
    answer = await client.get("/breaks", headers={"X-Request-ID": "the-broken-one"})
    assert answer.status_code == 500 and answer.headers["x-request-id"] == "the-broken-one"
    assert answer.json()["correlation_id"] == "the-broken-one"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    ours = [line for line in lines if line.get("request_id") == "the-broken-one"]
    assert {"about to break", "request.failed"} <= {line["event"] for line in ours}
    assert "ValueError: broken" in next(line["exception"] for line in ours if line["event"] == "request.failed")
    told = next(line for line in ours if line["event"] == "request.answered")
    assert (told["path"], told["level"], told["service"]) == ("/breaks", "debug", "main-api")
