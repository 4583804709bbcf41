"""Calls of the hub's API by a command: with the owner's token, and one sentence where nobody answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from services.cli import hub
from services.cli.errors import HubAway
from services.demo.hub_client import HubClient
from services.domain.errors import NotFound

PROJECTS = 500


@contextmanager
def calls() -> Iterator[HubClient]:
    """A client of the hub that this terminal means. Raises HubAway, HubRefused."""
    settings = hub.settings_to_look()
    token = settings.environment.get("WFHUB_TOKEN")
    if not token:
        raise HubAway("There is no hub set up here yet.", "Start it with ./start.sh.")
    try:
        yield HubClient(settings.main_api_url, token)
    except httpx.TransportError as error:
        raise HubAway(f"The hub does not answer at {settings.main_api_url}.", "Start it with ./start.sh.") from error


def project_of(client: HubClient, named: str) -> dict[str, Any]:
    """By its key, its id or its name. Raises NotFound, naming those there are."""
    projects: list[dict[str, Any]] = client.get("/projects", limit=PROJECTS)
    for project in projects:
        if named in (str(project["id"]), project["name"]) or named.upper() == project["key"]:
            return project
    keys = ", ".join(project["key"] for project in projects) or "none yet"
    raise NotFound(f"There is no project {named}.", f"There are: {keys}.")
