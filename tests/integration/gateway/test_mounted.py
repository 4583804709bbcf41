"""The gateway in the whole main-api: behind the door, with tokens of its own."""

from pathlib import Path

import httpx

from main_api.app import create_app
from main_api.settings import MainSettings
from services.domain.states import RunState
from services.models.run_tokens import issue
from services.store.database import Database
from tests.integration.gateway.conftest import QUESTION, SECRET
from tests.integration.gateway.provider import CountingProvider
from tests.support.factories import make_run

OWNER = SECRET[::-1]


async def test_a_run_token_opens_the_gateway_and_nothing_else(
    tmp_path: Path, sqlite_url: str, provider: CountingProvider
) -> None:
    db = Database(sqlite_url)
    async with db.write() as session:
        run = await make_run(session, state=RunState.RUNNING)
    await db.close()
    settings = MainSettings.from_environment(
        {
            "WFHUB_HOME": str(tmp_path), "DATABASE_URL": sqlite_url, "WFHUB_TOKEN": OWNER,
            "WFHUB_SECRET_KEY": SECRET, "SCRIPTED_MODEL_URL": provider.url,
        }
    )  # fmt: skip
    app = create_app(settings)
    ask = {"model": "scripted/m", "messages": QUESTION}
    path = "/gateway/openai/v1/chat/completions"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8002") as client,
    ):
        bearer = {"Authorization": f"Bearer {issue(SECRET, run.id, 'edit')}.1"}
        assert (await client.post(path, json=ask, headers=bearer)).status_code == 200
        assert (await client.get("/projects", headers=bearer)).status_code == 401
        owner = {"Authorization": f"Bearer {OWNER}"}
        assert (await client.get("/projects", headers=owner)).status_code == 200
        assert (await client.post(path, json=ask, headers=owner)).status_code == 401
        assert (await client.post(path, json=ask)).status_code == 401
    assert len(provider.asked) == 1
