"""News of the inbox reach a person's own server, signed, and a person's own command; never twice, never for ever."""

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.notices import webhook
from services.notices.errors import NoticeRefused
from services.store.models import Notice
from services.store.types import now
from tests.api.conftest import AUTH, serve
from tests.support import factories as make
from tests.support.phone import phone
from tests.support.rows_to_decide import an_approval

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


async def put(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    version = (await client.get("/notices/settings")).json()["version"]
    answer = await client.patch("/notices/settings", json={"version": version, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def states(hub: HubParts) -> list[tuple[str, str, int]]:
    async with hub.db.read() as session:
        rows = await session.scalars(make.sa.select(Notice).order_by(Notice.id))
        return [(row.channel, row.state, row.attempts) for row in rows]


async def new_item(hub: HubParts) -> str:
    async with hub.db.write() as session:
        return f"approval:{(await an_approval(session, await make.make_project(session)))['approval_id']}"


async def make_due(hub: HubParts) -> None:
    async with hub.db.write() as session:
        await session.execute(make.sa.update(Notice).where(Notice.state == "queued").values(next_at=now()))


async def test_a_phone_rings_once_for_each_new_item_and_can_tell_who_rang(settings: MainSettings) -> None:
    async with phone() as rings:
        url = f"http://127.0.0.1:{rings.port}/ring"
        async with serve(settings) as first, httpx.AsyncClient(base_url=first.http, headers=AUTH) as client:
            await first.hub.notices.stop()  # its rounds are ours here
            before = await new_item(first.hub)
            shown = await put(client, webhook_url=url, secret=SECRET)
            assert shown["has_secret"] and SECRET not in json.dumps((await client.get("/events?limit=500")).json())
            item = await new_item(first.hub)
            rings.answers = ["500 Oh", "302 Found\r\nLocation: http://127.0.0.1:9/"]
            for _ in range(3):  # it fails, it leads elsewhere, it is told
                await make_due(first.hub)
                await first.hub.notices.round()
            assert await states(first.hub) == [("webhook", "dropped", 0), ("webhook", "sent", 3)]
        assert [body["id"] for body in rings.bodies] == [item] * 3 and before != item
        headers, body = rings.calls[-1]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
        assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        assert headers["webhook-id"] == item and "authorization" not in headers and "cookie" not in headers
        assert rings.bodies[-1]["url"].endswith(f"/chat.html?view=inbox&item={item}")

        async with serve(settings) as again, httpx.AsyncClient(base_url=again.http, headers=AUTH) as client:
            await again.hub.notices.stop()
            await again.hub.notices.round()
            assert len(rings.calls) == 3  # not again after a restart
            (tested,) = (await client.post("/notices/test")).json()
            assert tested["done"] and rings.bodies[-1]["kind"] == "test"
            rings.answers = ["500 No"] * 20
            await new_item(again.hub)
            for _ in range(settings.notices.attempts + 2):
                await make_due(again.hub)
                await again.hub.notices.round()
            assert (await states(again.hub))[-1] == ("webhook", "failed", settings.notices.attempts)  # and no more
            found = await client.get("/notices", params={"state": ["failed", "queued"]})
            assert [one["state"] for one in found.json()] == ["failed"]
            parts = {one["kind"]: one for one in (await client.get("/health/full")).json()["parts"]}
            assert parts["notices"]["status"] == "unwell" and "500" in parts["notices"]["sentence"]
            await put(client, webhook_url="", secret=None)
            assert not (await client.get("/notices/settings")).json()["has_secret"]
            assert (await client.post("/notices/test")).status_code == 409


async def test_a_command_gets_the_item_and_nothing_of_the_hub(
    client: httpx.AsyncClient, hub: HubParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WFHUB_TOKEN", "not-for-you")
    kept, ring = tmp_path / "kept.json", tmp_path / "ring"
    ring.write_text(f'#!/bin/sh\n{{ cat; echo; env; echo "$1"; }} > {kept}\n')
    ring.chmod(0o755)
    await put(client, command=[str(ring), "a b; c"])
    item = await new_item(hub)
    for _ in range(600):  # by itself
        if (await states(hub))[-1:] == [("command", "sent", 1)]:
            break
        await asyncio.sleep(0.05)
    told, *environment, argument = kept.read_text().splitlines()
    assert (json.loads(told)["id"], argument) == (item, "a b; c")
    assert not any("not-for-you" in line or line.startswith("WFHUB") for line in environment)
    assert (await states(hub))[-1] == ("command", "sent", 1)

    ring.write_text("#!/bin/sh\nsleep 600 & sleep 600\n")
    object.__setattr__(hub.settings, "notice_call_seconds", 0.5)
    (tested,) = (await client.post("/notices/test")).json()
    assert (tested["done"], tested["sentence"]) == (False, "The command did not end within 0.5 s and was ended.")
    object.__setattr__(hub.settings, "notice_call_seconds", 20.0)
    ring.write_text("#!/bin/sh\necho no battery >&2; exit 3\n")
    assert (await client.post("/notices/test")).json()[0]["sentence"] == "The command ended with 3: no battery."


async def test_the_secret_in_use_is_taken_away_in_the_settings_alone(client: httpx.AsyncClient) -> None:
    await put(client, webhook_url="http://127.0.0.1:9/ring", secret=SECRET)
    (kept,) = (await client.get("/credentials")).json()
    refused = await client.delete(f"/credentials/{kept['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "PATCH /notices/settings" in refused.json()["way_out"]
    another = "whsec_" + base64.b64encode(b"n" * 32).decode()
    assert (await put(client, secret=another))["has_secret"]
    assert not (await put(client, secret=None))["has_secret"]
    assert (await client.get("/credentials")).json() == []


async def test_what_can_not_be_told_to_is_refused_with_a_sentence(client: httpx.AsyncClient) -> None:
    for wrong in (
        {"webhook_url": "ftp://phone"}, {"webhook_url": "http://me:pass@phone/"}, {"webhook_url": "http://"},
        {"command": ["ring"]}, {"command": ["/nowhere/ring"]}, {"kinds": ["weather"]}, {"secret": "short"},
        {"secret": "whsec_not base64, and long enough"}, {"secret": "whsec_" + base64.b64encode(b"k" * 12).decode()},
        {"secret": "whsec_" + "пароль" * 5}, {"secret": SECRET[:-1]},
    ):  # fmt: skip
        answer = await client.patch("/notices/settings", json={"version": 1, **wrong})
        assert answer.status_code == 400 and answer.json()["way_out"], wrong
    assert not (await client.get("/notices/settings")).json()["has_secret"]
    assert (await client.patch("/notices/settings", json={"version": 9, "enabled": False})).status_code == 409
    for address in ("http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0/", "http://224.0.0.1/"):
        with pytest.raises(NoticeRefused):
            await webhook.call(address, None, "x", {}, 1)
