"""Builds main-api and runs it."""

from services import without_rich  # noqa: F401  # pyright: ignore[reportUnusedImport]  # isort: skip

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from main_api import VERSION, document, errors, gateway, logs, page, routes, server
from main_api.auth import Door
from main_api.hub import HubParts
from main_api.readable import Readable
from main_api.settings import MainSettings
from main_api.startup import AWAY_SECONDS, await_database, check_address
from main_api.warm import warm
from services import points
from services.domain.errors import HubError
from services.logs import RequestId
from services.processes.anew import begin_anew
from services.store.away import is_away


class Hub(FastAPI):
    """Models are asked past the framework, through the same door: what it does for a request takes as long as all that
    the gateway does."""

    calls: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.calls is not None and gateway.is_call(scope):
            scope["app"] = self
            await self.calls(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: MainSettings, *, warmed: bool = False) -> FastAPI:
    """The app; its lifespan opens what it works with. The database must be migrated. `warmed`: see warm.py."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        hub = app.state.hub = HubParts.build(settings)
        try:
            app.state.gateway = hub.gateway
            try:
                await hub.start()
            except Exception as error:
                app.state.cut_off = is_away(error)
                raise
            warming = asyncio.create_task(warm(app, hub), name="warm") if warmed else None
            yield
            if warming is not None:
                warming.cancel()
                with suppress(asyncio.CancelledError):
                    await warming
        finally:
            await hub.stop()

    app = Hub(
        title="Workflow Hub", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None,
    )  # fmt: skip
    errors.install(app)
    routes.include(app)
    page.install(app, settings.static_dir)
    document.install(app, settings)
    app.add_middleware(Readable)
    app.add_middleware(Door, settings=settings)
    app.add_middleware(RequestId)  # the outermost: the door's refusals have an id too
    app.calls = RequestId(Door(gateway.Calls(), settings))
    app.state.cut_off = False  # whether its start failed because the database went away in it
    return app


def main() -> int:
    """Exit code 2, and one sentence on stderr, when it can't start. A PostgreSQL that is away is waited for."""
    try:
        settings = MainSettings.from_environment(os.environ)
        logs.configure(settings)
        points.report_to(settings.points)
        check_address(settings)
        asyncio.run(await_database(settings.database))
    except HubError as error:
        print(f"main-api: {error}", file=sys.stderr)  # noqa: T201 - before there is a log
        return 2
    app = create_app(settings, warmed=True)
    gc.collect()
    gc.freeze()  # what is loaded stays, and need not be looked through in the middle of a request
    gc.set_threshold(10_000, 20, 50)  # a large answer makes more objects than the usual 700, and frees them by itself
    try:
        return server.run(app, settings)
    except SystemExit:  # uvicorn's end of a start that failed
        if app.state.cut_off:
            time.sleep(AWAY_SECONDS)
            begin_anew()  # it waits for the database, as each start does
        raise


if __name__ == "__main__":
    sys.exit(main())
