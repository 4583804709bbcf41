"""A hub without an orchestrator: agent-api as a person calls it, its gateway, and the scripted model behind it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.local_hub import CHECKOUT, LocalHub, local_hub

SEEING = "scripted/agent,scripted/other"
SCENARIO = CHECKOUT / "tests" / "support" / "scenarios" / "agent.yaml"


@dataclass
class Caller:
    """Whoever has the owner's token, at agent-api's port."""

    hub: LocalHub

    @property
    def http(self) -> httpx.Client:
        token = self.hub.settings.environment["WFHUB_TOKEN"]
        return httpx.Client(
            base_url=self.hub.settings.agent_api_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
        )

    def workspace(self, name: str, files: dict[str, str] | None = None) -> Path:
        folder = self.hub.settings.workspaces / name
        folder.mkdir(parents=True)
        for path, text in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def run(self, workspace: Path, prompt: str, **body: Any) -> list[dict[str, Any]]:
        """The lines of a whole run; the last is its result."""
        asked = {"workspace": str(workspace), "prompt": prompt, "model": "scripted/agent"} | body
        answer = self.http.post("/api/agent/run", json=asked)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    def calls(self, run: str) -> list[tuple[Any, ...]]:
        """What the book says of the run's model calls."""
        query = "SELECT outcome, incarnation FROM model_calls WHERE run_id LIKE ? ORDER BY id"
        return self.hub.rows(query, f"%agent-{run}")


@pytest.fixture(scope="session")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with local_hub(
        tmp_path_factory.mktemp("direct") / "a hub", SCENARIO, without=("orchestrator",), VISION_MODELS=SEEING
    ) as running:
        yield Caller(running)
