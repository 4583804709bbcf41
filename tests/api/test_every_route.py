"""Every route of the OpenAPI document, with inputs nobody thought of: no server error, and answers as documented."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks as conformance

from main_api.app import create_app
from main_api.openapi import schema as document
from main_api.settings import MainSettings
from services.roles.read import newest_workflow
from services.store.database import Database
from tests.api.conftest import AUTH, TOKEN
from tests.support import factories as make

EXAMPLES = 6  # a route; the whole file stays within a minute
STREAMS = r"^/(ws|gateway)/|/output/stream$|^/tools/"  # never end, or speak a provider's protocol
CHECKS = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
    conformance.response_headers_conformance,
]
config = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}}})
ASKS_OLLAMA = r"^/models/"  # its DELETE; here is none, and 502 is its answer (tests/api/test_models.py)
api = (
    schemathesis.openapi.from_dict(document(), config=config)
    .exclude(path_regex=STREAMS)
    .exclude(method="DELETE", path_regex=ASKS_OLLAMA)
)


@pytest.fixture(scope="module")
def address(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A main-api that listens, with one row of most kinds, all of number 1."""
    folder = tmp_path_factory.mktemp("every route")
    url = f"sqlite:///{folder}/hub.sqlite"
    (folder / "hub.sqlite").write_bytes(sqlite_template.read_bytes())
    (folder / "workspaces").mkdir()
    app = create_app(
        MainSettings.from_environment(
            {
                "WFHUB_HOME": str(folder / "home"), "WORKSPACES_DIR": str(folder / "workspaces"), "DATABASE_URL": url,
                "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": TOKEN[::-1], "MAX_BODY_BYTES": "1000000",
            }
        )
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        asyncio.run(_fill(url))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


async def _fill(url: str) -> None:
    db = Database(url)
    async with db.write() as session:
        workflow = (await newest_workflow(session, "software")).id
        task = await make.make_task(session, await make.make_project(session, key="POC", workflow_id=workflow))
        await make.make_task(session, await make.make_project(session, workflow_id=workflow))
        run = await make.make_run(session, task, state="passed")
        await make.make_proof(session, run)
        for thing in (make.make_criterion, make.make_comment, make.make_finding, make.make_approval, make.make_handoff):
            await thing(session, task)
        await make.make_plan(session, body={"summary": "Nothing", "tasks": []})
    await db.close()


@api.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
def test_a_route_answers_as_documented(case: schemathesis.Case, address: str) -> None:
    case.call_and_validate(base_url=address, headers=AUTH, checks=CHECKS, timeout=20)
