"""The link as a terminal prints it: made by a hub that runs, and one sentence where none does."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.cli.errors import HubAway
from services.cli.sign_in import fresh_link
from services.demo.errors import HubRefused
from services.stack.settings import StackSettings
from tests.api.conftest import TOKEN, Served

CHECKOUT = Path(__file__).parents[2]


def settings_of(tmp_path: Path, port: int, token: str = TOKEN) -> StackSettings:
    return StackSettings.load(tmp_path, {"WFHUB_TOKEN": token, "MAIN_API_PORT": str(port)})


async def test_the_printed_link_signs_in(served: Served, tmp_path: Path) -> None:
    made = await asyncio.to_thread(fresh_link, settings_of(tmp_path, served.port))
    assert made.url.startswith(f"http://127.0.0.1:{served.port}/login?code=") and made.minutes == 10
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(made.url)).headers["location"] == "/chat.html"
        assert (await browser.get(f"{served.http}/session")).status_code == 200


async def test_a_hub_that_is_away_or_another_one_says_so(served: Served, tmp_path: Path) -> None:
    with pytest.raises(HubRefused, match="token is missing or wrong"):
        await asyncio.to_thread(fresh_link, settings_of(tmp_path, served.port, TOKEN[::-1]))
    with pytest.raises(HubAway, match="does not answer"):
        await asyncio.to_thread(fresh_link, settings_of(tmp_path, 1))
    with pytest.raises(HubAway, match="no hub set up here"):
        fresh_link(StackSettings.load(tmp_path, {}))


async def test_wf_login(served: Served, tmp_path: Path) -> None:
    def wf(*arguments: str, port: int) -> subprocess.CompletedProcess[str]:
        environment = {"WFHUB_ROOT": str(tmp_path), "WFHUB_TOKEN": TOKEN, "MAIN_API_PORT": str(port), "COLUMNS": "60"}
        command = [sys.executable, "-m", "services.cli", *arguments]
        return subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    told = await asyncio.to_thread(wf, "login", port=served.port)
    assert told.returncode == 0, told.stderr
    assert any(line.split()[-1].startswith(f"{served.http}/login?code=") for line in told.stdout.splitlines()[:1])
    assert TOKEN not in told.stdout
    as_json = await asyncio.to_thread(wf, "login", "--json", port=served.port)
    assert json.loads(as_json.stdout)["url"].startswith(served.http)
    away = await asyncio.to_thread(wf, "login", port=1)
    assert (away.returncode, away.stdout) == (6, "")
    assert "does not answer" in away.stderr and "./start.sh" in away.stderr and "Traceback" not in away.stderr


async def test_a_link_leads_to_a_place_of_the_page_and_nowhere_else(served: Served, tmp_path: Path) -> None:
    made = await asyncio.to_thread(fresh_link, settings_of(tmp_path, served.port))
    async with httpx.AsyncClient() as browser:
        for hostile in ("//evil.example", "a=1#x", "a=1\r\nSet-Cookie: b=1", "a=<script>"):
            assert (await browser.get(made.url, params={"place": hostile})).status_code == 422
        there = await browser.get(f"{made.url}&place=project%3D1%26task%3D12")
        assert there.headers["location"] == "/chat.html?project=1&task=12"
        assert (await browser.get(f"{served.http}/session")).status_code == 200
