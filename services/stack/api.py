"""The manager's small API: how this hub's containers are. The one container that has the engine's socket serves it."""

import asyncio
import hmac
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import uvicorn
from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container as Running
from docker.types.daemon import CancellableStream
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.stack.container_engine import HOME, SERVICE
from services.stack.container_stats import Usage, usage
from services.stack.engine import connect
from services.stack.errors import EngineForbidden, NoEngine

KEEP_ALIVE_SECONDS = 20  # longer than main-api lets a connection rest, else one is closed just as it is used
GRACE = 10  # seconds that a container has to end before it is killed
SLOW = 60  # seconds in which the engine has to restart one
Service = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class Health(BaseModel):
    status: str = "ok"
    service: str = "stack"


class ContainerOut(BaseModel):
    """`state` is the engine's word (running, exited, …), `health` that of its last look ("" where there is none)."""

    service: str
    state: str
    health: str
    image: str
    started_at: str
    restarts: int


class UsageOut(BaseModel):
    """`memory` is bytes without what can be dropped at once, `memory_limit` 0 where there is none; `cpu` is processors,
    since its container started; `sent` and `received` are bytes over the network."""

    service: str
    memory: int
    memory_limit: int
    cpu_seconds: float
    processes: int
    sent: int
    received: int


class RestartedOut(BaseModel):
    service: str


def create_app(environment: Mapping[str, str]) -> FastAPI:
    """`HUB_HOME` says whose containers, `STACK_API_TOKEN` who may ask. No other container is seen, touched or named."""
    home, token = environment["HUB_HOME"], environment["STACK_API_TOKEN"].encode()
    app = FastAPI(title="Workflow Hub: stack", docs_url=None, redoc_url=None, openapi_url=None)

    def known(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token):
            raise HTTPException(401, "The stack's token is missing or wrong.")

    asked = [Depends(known)]

    @contextmanager
    def engine() -> Iterator[DockerClient]:
        client = None
        try:
            client = connect(environment)
            yield client
        except (DockerException, NoEngine, EngineForbidden) as error:
            raise HTTPException(502, "The engine does not answer.") from error
        finally:
            if client is not None:
                client.close()

    def all_of(client: DockerClient) -> list[Running]:
        return client.containers.list(all=True, filters={"label": f"{HOME}={home}"}, ignore_removed=True)

    def one_of(client: DockerClient, service: str) -> Running:
        for one in all_of(client):
            if one.labels.get(SERVICE) == service:
                return one
        raise HTTPException(404, "This hub has no such container.")

    @app.get("/health", summary="Whether this API answers")
    def health() -> Health:
        return Health()

    @app.get("/containers", summary="This hub's containers", dependencies=asked)
    def containers() -> list[ContainerOut]:
        with engine() as client:
            return sorted((_out(one.attrs) for one in all_of(client)), key=lambda one: one.service)

    @app.get("/containers/{service}/stats", summary="What one of them takes now", dependencies=asked)
    def stats(service: Service) -> UsageOut:
        with engine() as client:
            return _usage(service, usage(client, one_of(client, service)))

    @app.post("/containers/{service}/restart", summary="End one and start it again", dependencies=asked)
    def restart(service: Service) -> RestartedOut:
        with engine() as client:
            client.api.timeout = SLOW
            one_of(client, service).restart(timeout=GRACE)
        return RestartedOut(service=service)

    @app.get(
        "/containers/{service}/logs", summary="What one of them says", dependencies=asked,
        response_class=StreamingResponse,
    )  # fmt: skip
    def logs(
        service: Service,
        since: Annotated[float, Query(ge=0, description="Seconds since 1970; 0: from its beginning")] = 0,
        tail: Annotated[int, Query(ge=0, le=100_000, description="So many of its last lines")] = 1_000,
        follow: Annotated[bool, Query(description="Go on with what is said from now on, until it ends")] = False,
    ) -> StreamingResponse:
        """Lines of text, each with the engine's time before it (RFC 3339, nanoseconds)."""
        with engine() as client:
            there = one_of(client, service)
        # A connection of its own, for as long as it is read.
        own = there.client = connect(environment)
        said = there.logs(stream=True, follow=follow, timestamps=True, tail=tail, since=since or None)
        return StreamingResponse(_lines(own, said), media_type="text/plain; charset=utf-8")

    return app


async def _lines(client: DockerClient, said: CancellableStream) -> AsyncIterator[bytes]:
    """A reader that goes away ends the engine's stream too, which else would wait for a next line for ever."""
    try:
        while (piece := await asyncio.to_thread(next, said, None)) is not None:
            yield piece
    finally:
        said.close()
        client.close()


def _usage(service: str, used: Usage) -> UsageOut:
    return UsageOut(
        service=service, memory=used.memory, memory_limit=used.memory_limit, cpu_seconds=used.cpu_seconds,
        processes=used.processes, sent=used.sent, received=used.received,
    )  # fmt: skip


def _out(attributes: Mapping[str, Mapping[str, object]]) -> ContainerOut:
    state, config = attributes["State"], attributes["Config"]
    health = state.get("Health")
    labels = config["Labels"]
    return ContainerOut(
        service=labels[SERVICE] if isinstance(labels, dict) else "",
        state=str(state["Status"]),
        health=str(health["Status"]) if isinstance(health, dict) else "",
        image=str(config["Image"]),
        started_at=str(state["StartedAt"]),
        restarts=int(str(attributes["RestartCount"])),
    )


def main() -> None:
    environment = dict(os.environ)
    port = int(environment["STACK_API_PORT"])
    # Who follows a log goes on reading: it does not hold the end up.
    uvicorn.run(
        create_app(environment), host="0.0.0.0", port=port, log_level="warning", access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=1,
    )  # fmt: skip


if __name__ == "__main__":
    main()
