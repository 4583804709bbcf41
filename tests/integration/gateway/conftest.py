"""A gateway that really listens, in front of a provider that counts, with a run that may ask."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import ollama
import openai
import pytest
import pytest_asyncio
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from main_api.gateway import Gateway, calls, router
from services.domain.states import RunState
from services.models.providers import Provider
from services.models.run_tokens import issue
from services.store.database import Database
from services.store.models import ModelCall, Project
from tests.integration.gateway.provider import CountingProvider
from tests.support.factories import make_project, make_run, make_task

SECRET = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"
KEY = "sk-upstream-key-of-the-owner"
PRICED = "openai/gpt-4o-mini"
QUESTION: list[Any] = [{"role": "user", "content": "Say something."}]


@dataclass
class Hub:
    """A served gateway, and its run."""

    database: Database
    gateway: Gateway
    provider: CountingProvider
    port: int
    run_id: str
    project_id: int
    step: str = "edit"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}/gateway"

    def token(self, incarnation: int = 1) -> str:
        return f"{issue(SECRET, self.run_id, self.step)}.{incarnation}"

    def openai(self, incarnation: int = 1, token: str | None = None) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=f"{self.root}/openai/v1", api_key=token or self.token(incarnation), max_retries=0, timeout=60,
            http_client=DefaultAsyncHttpx2Client(trust_env=False),
        )  # fmt: skip

    def ollama(self, incarnation: int = 1) -> ollama.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(incarnation)}"}
        return ollama.AsyncClient(f"{self.root}/ollama", headers=headers, trust_env=False)

    async def calls(self) -> list[ModelCall]:
        async with self.database.read() as session:
            return list(await session.scalars(sa.select(ModelCall).order_by(ModelCall.id)))

    async def change(self, row: type, key: Any, **values: Any) -> None:
        async with self.database.write() as session:
            found = await session.get_one(row, key)
            for name, value in values.items():
                setattr(found, name, value)


def providers_at(url: str) -> dict[str, Provider]:
    """`openai` is priced as OpenAI's own; `ollama` and `scripted` are free."""
    made = [
        Provider("openai", f"{url}/v1", key=KEY, price_url="https://api.openai.com/v1"),
        Provider("ollama", f"{url}/v1", url, local=True, pins_context=True),
        Provider("scripted", f"{url}/v1", url, local=True),
    ]
    return {provider.name: provider for provider in made}


@asynccontextmanager
async def serving(gateway: Gateway) -> AsyncIterator[int]:
    """The port of a server with nothing but the gateway."""
    await gateway.start()
    app = FastAPI()
    app.router.routes.append(calls)
    app.include_router(router)
    app.state.gateway = gateway
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    # named TCP: asyncio turns Nagle off only then
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.005)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await task
            await gateway.close()


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[CountingProvider]:
    made = CountingProvider()
    made.gate.set()
    await made.start()
    yield made
    made.gate.set()
    await made.stop()


@pytest_asyncio.fixture
async def hub(database: Database, provider: CountingProvider) -> AsyncIterator[Hub]:
    async with database.write() as session:
        project = await make_project(session)
        run = await make_run(session, await make_task(session, project), state=RunState.RUNNING)
    gateway = Gateway(database, providers_at(provider.url), SECRET, silence_seconds=10)
    async with serving(gateway) as port:
        yield Hub(database, gateway, provider, port, run.id, project.id)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Waits for what happens after the client has left."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - it is in the database or in the provider
            await asyncio.sleep(0.01)


async def budget(hub: Hub, usd: float) -> None:
    await hub.change(Project, hub.project_id, budget_usd=usd)


async def refused(
    hub: Hub, model: str = "scripted/m", token: str | None = None, **more: object
) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        await hub.openai(token=token).chat.completions.create(model=model, messages=QUESTION, **more)  # type: ignore
    return caught.value
