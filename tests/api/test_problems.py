"""Errors as people and programs get them: one shape, one status a code, nothing leaked, nothing half done."""

import json
import subprocess
import sys
from collections import defaultdict
from typing import Annotated

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from structlog.testing import capture_logs

from main_api.deps import ReadSession, WriteSession
from main_api.errors import DEFAULT_STATUS, STATUS, status_of
from main_api.openapi import TARGET, text
from scripts.error_table import every_error
from services.domain.errors import HubError
from services.store.models import Project, Task
from tests.support.factories import make_project

NOT_FOUND = [
    "/projects/9", "/projects/9/tasks", "/requests/9", "/plans/9", "/plans/9/progress", "/tasks/9", "/tasks/9/runs",
    "/tasks/9/criteria", "/tasks/9/comments", "/tasks/9/findings", "/tasks/9/handoffs", "/tasks/9/proofs",
    "/tasks/9/dependencies", "/tasks/9/diff", "/runs/9", "/runs/9/output", "/approvals/9", "/proofs/9",
    "/proofs/9/download", "/findings/9", "/board?project_id=9", "/no/such/route",
]  # fmt: skip


def test_each_error_has_a_code_of_its_own_and_a_status() -> None:
    codes: dict[str, set[str]] = defaultdict(set)
    for error in every_error():
        codes[error.code].add(f"{error.__module__}.{error.__qualname__}")
    clashes = {code: names for code, names in codes.items() if len(names) > 1}
    assert not clashes
    assert len(codes) > 20
    assert not {code for code in STATUS if code not in codes}, "the table names what is no error"
    assert {status_of(code) for code in codes} <= {DEFAULT_STATUS, *STATUS.values()}


@pytest.mark.parametrize("path", NOT_FOUND)
async def test_what_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 404 and response.json()["detail"]


async def test_a_bad_payload_is_told_readably(client: httpx.AsyncClient) -> None:
    response = await client.post("/tasks", json={"project_id": "x", "priority": 11, "titel": "typo"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "validation")
    places = {fault["where"] for fault in problem["errors"]}
    assert places == {"body.project_id", "body.priority", "body.title", "body.titel"}
    assert "body.titel" in problem["detail"]
    broken = await client.post("/tasks", content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "validation")


async def test_what_was_sent_is_not_sent_back(client: httpx.AsyncClient) -> None:
    response = await client.post("/projects", json={"name": 5, "workspace_path": ["s3cr3t-value"]})
    assert response.status_code == 422
    assert "s3cr3t-value" not in response.text


async def test_an_unexpected_error_has_a_number_and_tells_no_more(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/breaks")
    async def breaks() -> None:
        raise RuntimeError("the password is swordfish")

    with capture_logs() as logs:
        response = await client.get("/breaks")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "internal")
    assert "swordfish" not in response.text
    told = [entry for entry in logs if entry["event"] == "request.failed"]
    assert [entry["correlation_id"] for entry in told] == [problem["correlation_id"]]
    assert "swordfish" in str(told[0]["exc_info"])


async def test_a_commit_that_fails_is_not_answered_with_200(app: FastAPI, client: httpx.AsyncClient) -> None:
    """The constraint is only looked at by the commit, after the route has returned its value."""

    @app.post("/late")
    async def late(session: WriteSession) -> Annotated[dict[str, bool], None]:
        project = await make_project(session)
        if session.get_bind().dialect.name == "sqlite":
            await session.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        else:
            name = "fk_tasks_plan_id_plans"
            await session.execute(sa.text(f"ALTER TABLE tasks ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"))
        session.add(
            Task(
                project_id=project.id, workflow_id=project.workflow_id, number=1, key="LATE-1", title="x",
                stage="backlog", state="idle", plan_id=4711,
            )
        )  # fmt: skip
        await session.flush()
        return {"kept": True}

    assert (await client.post("/late")).status_code == 500
    assert (await client.get("/tasks")).json() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_without_a_free_connection_is_busy(app: FastAPI, client: httpx.AsyncClient) -> None:
    db = app.state.hub.db
    db.engine.sync_engine.pool._timeout = 0.05
    held = [db._read() for _ in range(15)]
    for session in held:
        await session.connection()
    response = await client.get("/tasks")
    assert (response.status_code, response.json()["code"]) == (503, "database_busy")
    for session in held:
        await session.close()
    assert (await client.get("/tasks")).status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_ends_our_connections_is_no_fault_of_the_hub(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async def ended(session: WriteSession) -> None:
        await session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    app.post("/ended")(ended)
    response = await client.post("/ended")
    assert (response.status_code, response.json()["code"]) == (503, "database_failed")
    assert response.json()["way_out"] and "SELECT" not in response.text
    assert (await client.get("/tasks")).status_code == 200


async def test_an_error_in_a_route_keeps_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.post("/halfway")
    async def halfway(session: WriteSession) -> None:
        await make_project(session, key="HALF")
        raise HubError("Not this way.", "Another way.")

    response = await client.post("/halfway")
    assert (response.status_code, response.json()["way_out"]) == (DEFAULT_STATUS, "Another way.")

    @app.get("/count")
    async def count(session: ReadSession) -> int:
        return len((await session.scalars(sa.select(Project.id))).all())

    assert (await client.get("/count")).json() == 0


def test_the_openapi_snapshot_is_current() -> None:
    current = TARGET.read_text(encoding="utf-8") == text()  # compared here: the difference may be the whole document
    assert current, "run: just docs"


def test_every_route_is_described() -> None:
    document = json.loads(text())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            if path != "/health" and not path.startswith("/gateway"):
                assert "401" in operation["responses"] or (method, path) == ("get", "/login"), (method, path)
                schema = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (method, path)


def test_a_refused_start_is_one_sentence(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "main_api.app"], capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": ":".join(sys.path), "WFHUB_HOME": str(tmp_path), "WFHUB_TOKEN": "changeme"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("main-api: WFHUB_TOKEN is a placeholder")
    assert len(done.stderr.splitlines()) == 1
