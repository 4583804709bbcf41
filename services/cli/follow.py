"""Following what the hub says as it happens, over its WebSockets; a hub that restarts is waited for."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.cli import printing
from services.cli.errors import HubAway
from services.demo.errors import HubRefused
from services.demo.hub_client import HubClient

Json = dict[str, Any]
AGAIN_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
PATIENCE = 12  # tries before the hub counts as gone
FRAME = 64 * 2**20
LINES = 2_000
OPEN_SECONDS = 10.0


def address(client: HubClient, path: str, query: Json) -> str:
    """Where a stream of the hub is."""
    asked = urlencode([(name, value) for name, value in query.items() if value is not None], doseq=True)
    return client.url.replace("http", "ws", 1) + path + (f"?{asked}" if asked else "")


def opened(client: HubClient, path: str, query: Json) -> ClientConnection:
    """One connection. Raises HubRefused with the hub's sentence, OSError where nobody answers."""
    try:
        return connect(
            address(client, path, query), additional_headers=client.headers, max_size=FRAME, proxy=None,
            open_timeout=OPEN_SECONDS,
        )  # fmt: skip
    except InvalidStatus as refused:
        raise refusal_of(refused) from None


def refusal_of(refused: InvalidStatus) -> HubRefused:
    """The problem that the handshake was answered with."""
    body = refused.response.body or b""
    try:
        told: Json = json.loads(body)
    except ValueError:
        told = {}
    status = refused.response.status_code
    return HubRefused(
        str(told.get("detail", f"The hub answered {status}.")), str(told.get("way_out", "")), status=status,
        told=told.get("code", ""),
    )  # fmt: skip


def run_output(client: HubClient, run_id: str) -> Iterator[Json]:
    """What a run said and says, line by line, until it has ended; after a break it goes on where it was."""
    at: Json = {}
    failed = 0
    while True:
        try:
            with opened(client, f"/ws/runs/{run_id}/output", at) as stream:
                failed = _back(failed)
                for frame in stream:
                    event: Json = json.loads(frame)
                    at = {"step": event["step"], "after": event["seq"]}
                    yield event
                if stream.close_code == 1000:
                    return
        except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
            failed = _wait(client, failed)


def stored_output(client: HubClient, run_id: str) -> Iterator[Json]:
    """What a run said until now."""
    for step in client.get(f"/runs/{run_id}/output", limit=1)["steps"]:
        after = 0
        while events := client.get(f"/runs/{run_id}/output", step=step, after=after, limit=LINES)["events"]:
            for event in events:
                yield {**event, "step": step}
            after = int(events[-1]["seq"])


def log_pages(client: HubClient, name: str, query: Json, after: str | None) -> Iterator[Json]:
    """Pages of a log from there on, as they are written. Each is asked for once the last was taken."""
    failed = 0
    while True:
        try:
            with opened(client, f"/ws/logs/{name}", {**query, "after": after}) as stream:
                failed = _back(failed)
                for frame in stream:
                    page: Json = json.loads(frame)
                    after = page["last"] or after
                    yield page
                    stream.send("go on")
        except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
            pass
        failed = _wait(client, failed)


def _back(failed: int) -> int:
    if failed:
        printing.warning("The hub answers again.")
    return 0


def _wait(client: HubClient, failed: int) -> int:
    """Raises HubAway after many tries."""
    if failed == 0:
        printing.warning("The connection broke; trying again.")
    if failed >= PATIENCE:
        raise HubAway(f"The hub does not answer at {client.url}.", "Look at it: wf status")
    time.sleep(AGAIN_SECONDS[min(failed, len(AGAIN_SECONDS) - 1)])
    return failed + 1
