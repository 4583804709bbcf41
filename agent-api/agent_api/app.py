"""agent-api: carries out steps of runs, and offers its tools, on one host."""

from services import without_rich  # noqa: F401  # pyright: ignore[reportUnusedImport]  # isort: skip

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from agent_api import problems
from agent_api.auth import Door
from agent_api.executors import Registry
from agent_api.jobs import JobBoard
from agent_api.routes import agent, agent_run, aider, complete, config, health, jobs, tools, vision
from agent_api.settings import AgentSettings
from agent_api.standing import Standing
from agent_api.vision.describe import Eyes
from services import points
from services.logs import RequestId
from services.logs import configure as configure_logs
from services.redaction import KNOWN

KEEP_ALIVE_SECONDS = 20  # clients let a connection rest for 5 s: where both did, one would be closed just as it is used


def create_app(settings: AgentSettings, registry: Registry | None = None) -> FastAPI:
    """The application; `registry` lets tests bring executors of their own."""
    registry = registry or Registry(settings)
    board = JobBoard(settings, registry)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        board.recover()
        sweeping = asyncio.create_task(board.keep_swept())
        yield
        sweeping.cancel()
        await board.close()

    app = FastAPI(title="Workflow Hub: agent-api", version="0.1.0", lifespan=lifespan)
    app.state.settings = settings
    app.state.board = board
    app.state.standing = Standing(settings, board, registry)
    app.state.eyes = Eyes(settings)
    app.add_middleware(Door, settings=settings)
    app.add_middleware(RequestId)
    problems.install(app)
    for routes in (health, jobs, tools, config, agent, agent_run, aider, vision, complete):
        app.include_router(routes.router)
    return app


def main() -> None:
    """Serve on loopback until a signal; running jobs are then interrupted, and can be started again."""
    try:
        settings = AgentSettings()  # pyright: ignore[reportCallIssue]  # its fields come from the environment
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors())
        sys.exit(f"agent-api cannot start: {faults}")
    KNOWN.learn_environment(os.environ)
    KNOWN.learn_hash("WFHUB_TOKEN", settings.wfhub_token_sha256)
    points.report_to(settings.wfhub_points)
    configure_logs("agent-api", settings.log_level, settings.log_format)
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # what is loaded stays, and need not be looked through in the middle of a job's start
    uvicorn.run(
        app,
        host=settings.agent_api_host,
        port=settings.agent_api_port,
        log_config=None,  # uvicorn's lines leave by our own handler
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
