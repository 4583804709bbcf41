"""A hub of its own for a test: real processes on free ports, the sample, and the scripted model."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.demo.hub_client import HubClient
from services.demo.sample_project import SCENARIO, copy_sample
from services.stack.local import LocalStack
from services.stack.secrets import ensure_env_file
from services.stack.settings import StackSettings
from services.stack.table import table
from tests.support.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = "240"  # seconds after which a start is hopeless, also on a machine that has a lot else to do
KEPT = ("PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_FIND_LINKS", "PIP_CERT")


@dataclass
class LocalHub:
    """The running hub, and what it left on disk."""

    settings: StackSettings
    stack: LocalStack
    client: HubClient

    def pid(self, service: str) -> int:
        return json.loads((self.settings.run / f"{service}.pid").read_text())["pid"]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.settings.database_url.split('///', 1)[1]}?mode=ro", uri=True) as connection:
            return connection.execute(query, values).fetchall()

    def asked(self) -> int:
        """How many requests the scripted model was asked, over all its lives."""
        file = self.settings.home / "scripted-requests.jsonl"
        return sum(1 for line in file.read_text().splitlines() if line) if file.exists() else 0


@contextmanager
def local_hub(
    root: Path, scenario: Path = SCENARIO, without: tuple[str, ...] = (), **environment: str
) -> Iterator[LocalHub]:
    """Brings a hub up under `root`, which may have spaces in its name, and ends every process of it.

    `without` are services that the test has no use for.
    """
    root.mkdir(parents=True, exist_ok=True)
    ports = {name: str(free_port()) for name in ("MAIN_API_PORT", "AGENT_API_PORT", "SCRIPTED_MODEL_PORT")}
    own = {name: os.environ[name] for name in KEPT if name in os.environ}
    aider = os.environ.get("AIDER_PYTHON", str(CHECKOUT / ".venv-aider" / "bin" / "python"))
    parts = [str(CHECKOUT), str(CHECKOUT / "main-api"), str(CHECKOUT / "agent-api")]
    own |= {
        "STACK_START_TIMEOUT": PATIENCE,
        **ports,
        "AIDER_PYTHON": aider,
        "PYTHONPATH": os.pathsep.join(parts),
        **environment,
    }
    ensure_env_file(root / ".env", own)
    settings = StackSettings.load(root, own)
    stack = LocalStack(settings, [each for each in table(settings, scenario) if each.name not in without])
    try:
        stack.start()
        yield LocalHub(settings, stack, HubClient(settings.main_api_url, settings.environment["WFHUB_TOKEN"]))
    finally:
        stack.stop()


def sample(hub: LocalHub, name: str = "till register") -> Path:
    return copy_sample(hub.settings.workspaces / name)
