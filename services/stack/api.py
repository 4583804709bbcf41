"""The manager's small API: how this hub's containers are. The one container that has the engine's socket serves it."""

import hmac
import os
from collections.abc import Mapping
from typing import Annotated

import uvicorn
from docker.errors import DockerException
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from services.stack.container_engine import HOME, SERVICE
from services.stack.engine import connect


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


def create_app(environment: Mapping[str, str]) -> FastAPI:
    """`HUB_HOME` says whose containers, `STACK_API_TOKEN` who may ask. Reads only."""
    home, token = environment["HUB_HOME"], environment["STACK_API_TOKEN"].encode()
    app = FastAPI(title="Workflow Hub: stack", docs_url=None, redoc_url=None, openapi_url=None)

    def known(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token):
            raise HTTPException(401, "The stack's token is missing or wrong.")

    @app.get("/health", summary="Whether this API answers")
    def health() -> Health:
        return Health()

    @app.get("/containers", summary="This hub's containers", dependencies=[Depends(known)])
    def containers() -> list[ContainerOut]:
        try:
            client = connect(environment)
            found = client.containers.list(all=True, filters={"label": f"{HOME}={home}"}, ignore_removed=True)
        except DockerException as error:
            raise HTTPException(502, "The engine does not answer.") from error
        return sorted((_out(one.attrs) for one in found), key=lambda one: one.service)

    return app


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
    uvicorn.run(create_app(environment), host="0.0.0.0", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
