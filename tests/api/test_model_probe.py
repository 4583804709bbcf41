"""`wf models probe` beside a hub that runs: what it saw is what the gateway and the next runs go by."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from main_api.hub import HubParts
from services.models.stored_profiles import profile_in
from services.models.tokens import estimate
from tests.api.conftest import TOKEN, Served
from tests.integration.models.test_measuring import INFO, able
from tests.support.ollama_server import OllamaServer, serving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHECKOUT = Path(__file__).parents[2]
NAME = "ollama/small:1b"


async def test_a_probe_is_stored_and_used(served: Served, tmp_path: Path) -> None:
    hub: HubParts = served.hub
    assert (await hub.gateway.known.profile(NAME)).context_tokens == 8192
    with serving(OllamaServer("small:1b", INFO, 986_062_089, ["completion", "vision"])) as ollama:
        ollama.answer = able("udiff", schema=False)
        environment = {
            "WFHUB_ROOT": str(tmp_path), "WFHUB_HOME": str(hub.settings.home), "WFHUB_TOKEN": TOKEN,
            "MAIN_API_PORT": str(served.port), "OLLAMA_URL": ollama.url,
        }  # fmt: skip
        command = [sys.executable, "-m", "services.cli", "models", "probe", NAME, "--json"]
        told = await asyncio.to_thread(
            subprocess.run, command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60
        )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["stored"] is True
    profile = await hub.gateway.known.profile(NAME)
    assert (profile.edit_format, profile.context_tokens, profile.vision) == ("udiff", 16_384, True)
    assert (profile.tools, profile.json_schema) == (True, False)
    async with hub.db.read() as session:
        assert await profile_in(session, NAME, {}, hub.settings.card) == profile
    count = await hub.gateway.known.counter(NAME)
    assert count is not estimate
    assert (count("hello"), count("12")) == (3, 2), "hel, l, o; each digit by itself"
