"""Calls of agent-api for `aicoder`: the edit itself, and what it says while it goes on."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.cli.errors import HubAway
from services.domain.errors import InvalidInput
from services.stack.settings import StackSettings

CONNECT_SECONDS = 5.0
TOLD = frozenset({"notice", "edit", "tests"})
LINE = 160
Say = Callable[[str], None]


@dataclass(frozen=True)
class Coder:
    """agent-api with the owner's token, both as the hub's settings have them."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, settings: StackSettings) -> "Coder":
        """Raises HubAway where no hub was ever started."""
        token = settings.environment.get("WFHUB_TOKEN")
        if not token:
            raise HubAway("There is no hub set up here yet.", "Start it with ./start.sh.")
        return cls(settings.agent_api_url, token)

    def execute(self, body: dict[str, Any], say: Say) -> dict[str, Any]:
        """The whole edit; its steps are said meanwhile. Raises HubAway, InvalidInput."""
        over = threading.Event()
        listener = threading.Thread(target=self._listen, args=(body["id"], say, over), daemon=True)
        listener.start()
        try:
            return self.post("/api/aider/execute", body, seconds=None)
        finally:
            over.set()
            listener.join(1)

    def post(self, path: str, body: dict[str, Any], seconds: float | None = 30) -> dict[str, Any]:
        """Raises HubAway, and InvalidInput with agent-api's own sentence."""
        try:
            with self._client(seconds) as client:
                answer = client.post(path, json=body)
                told = answer.json()
        except (httpx.TransportError, ValueError) as error:
            raise HubAway(f"The hub does not answer at {self.url}.", "Start it with ./start.sh.") from error
        if not answer.is_success:
            raise InvalidInput(
                told.get("detail") or f"agent-api answered {answer.status_code}.", told.get("way_out", "")
            )
        return told

    def _listen(self, name: str, say: Say, over: threading.Event) -> None:
        """Follow the job's events: only for the eyes, so what goes wrong here ends nothing."""
        path = f"/jobs/aider-{name}/aider/events"
        while not over.wait(0.2):
            try:
                with self._client(None) as client, client.stream("GET", path) as answer:
                    if answer.status_code == 404:
                        continue  # it begins in a moment
                    for line in answer.iter_lines():
                        _tell(json.loads(line), say)
                    return
            except (httpx.HTTPError, ValueError):
                time.sleep(0.5)

    def _client(self, seconds: float | None) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
            trust_env=False,
        )


def _tell(event: dict[str, Any], say: Say) -> None:
    text = " ".join(str(event.get("text", "")).split())
    if event.get("kind") in TOLD and text:
        say(f"{event['kind']}: {text[:LINE]}")
    elif event.get("kind") == "model_turn":
        data = event.get("data", {})
        say(f"the model answered ({data.get('tokens_out', '?')} tokens)")
