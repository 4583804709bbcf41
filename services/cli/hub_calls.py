"""Calls of the hub's API by a command: with the owner's token, and one sentence where nobody answers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from services.cli import hub
from services.cli.errors import HubAway
from services.demo.hub_client import SECONDS, HubClient
from services.stack.settings import StackSettings

START_IT = "Start it with ./start.sh, or `wf start`."


@contextmanager
def calls(seconds: float = SECONDS, settings: StackSettings | None = None) -> Iterator[HubClient]:
    """A client of the hub that this terminal means. Raises HubAway, HubRefused."""
    settings = settings or hub.settings_to_look()
    token = settings.environment.get("WFHUB_TOKEN")
    if not token:
        raise HubAway("There is no hub set up here yet.", START_IT)
    try:
        with closing(HubClient(settings.main_api_url, token, seconds=seconds)) as client:
            yield client
    except httpx.TimeoutException as error:
        raise HubAway(
            f"The hub at {settings.main_api_url} did not answer in {seconds:.0f} s.", "Look at `wf status`."
        ) from error
    except httpx.TransportError as error:
        raise HubAway(f"The hub does not answer at {settings.main_api_url}.", START_IT) from error
