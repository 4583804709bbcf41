"""main-api and agent-api in this process, each really listening: what a person's direct calls go through."""

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from agent_api.app import create_app as create_agent
from agent_api.settings import AgentSettings
from main_api.app import create_app as create_main
from main_api.hub import HubParts
from main_api.settings import MainSettings

TOKEN = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"


@dataclass(frozen=True)
class DirectHub:
    """`agent` is the owner's client of agent-api, `main` of main-api."""

    agent: httpx.AsyncClient
    main: httpx.AsyncClient
    hub: HubParts
    workspaces: Path


@asynccontextmanager
async def direct_hub(tmp_path: Path, database_url: str, models_url: str, **agent: Any) -> AsyncIterator[DirectHub]:
    """`models_url` answers the OpenAI protocol as the provider `openai`; `agent` are fields of AgentSettings."""
    home, workspaces = tmp_path / "hub", tmp_path / "workspaces"
    workspaces.mkdir(exist_ok=True)
    environment = {
        "WFHUB_HOME": str(home), "WORKSPACES_DIR": str(workspaces), "DATABASE_URL": database_url, "WFHUB_TOKEN": TOKEN,
        "WFHUB_SECRET_KEY": TOKEN[::-1], "OPENAI_BASE_URL": models_url, "DEFAULT_MODEL": "openai/small-coder",
    }  # fmt: skip
    main = create_main(MainSettings.from_environment(environment))
    async with _served(main) as main_url:
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        settings = AgentSettings(
            wfhub_home=home, workspaces_dir=workspaces, wfhub_token_sha256=digest, gateway_url=f"{main_url}/gateway",
            **agent,
        )  # fmt: skip
        async with _served(create_agent(settings)) as agent_url, _owner(agent_url) as one, _owner(main_url) as other:
            yield DirectHub(one, other, main.state.hub, workspaces)


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


def _owner(url: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False)
