"""A hub's main-api for tests: in process over ASGI, and as a real server on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from main_api.app import create_app
from main_api.hub import HubParts
from main_api.server import config as server_config
from main_api.settings import MainSettings

TOKEN = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> MainSettings:
    (tmp_path / "workspaces").mkdir()
    return MainSettings.from_environment(
        {
            "WFHUB_HOME": str(tmp_path / "home"),
            "WORKSPACES_DIR": str(tmp_path / "workspaces"),
            "DATABASE_URL": database_url,
            "WFHUB_TOKEN": TOKEN,
            "WFHUB_SECRET_KEY": TOKEN[::-1],
            "MAX_BODY_BYTES": "100000",
            "LOGIN_FAILURES_PER_CLIENT": "10000",
            "LOGIN_FAILURES_OVERALL": "10000",
        }
    )


@pytest_asyncio.fixture
async def app(settings: MainSettings) -> AsyncIterator[FastAPI]:
    """The app with its lifespan entered."""
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
def hub(app: FastAPI) -> HubParts:
    return app.state.hub


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The owner's client."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002", headers=AUTH) as made:
        yield made


@dataclass(frozen=True)
class Served:
    """A main-api that really listens."""

    port: int
    app: FastAPI
    server: uvicorn.Server

    @property
    def hub(self) -> HubParts:
        return self.app.state.hub

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/events"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serve(settings: MainSettings, port: int = 0) -> AsyncIterator[Served]:
    with socket.create_server(("127.0.0.1", port)) as listening:
        app = create_app(settings)
        server = uvicorn.Server(server_config(app, settings, timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.01)
        yield Served(listening.getsockname()[1], app, server)
        server.should_exit = True
        await task


@pytest_asyncio.fixture
async def served(settings: MainSettings) -> AsyncIterator[Served]:
    async with serve(settings) as running:
        yield running
