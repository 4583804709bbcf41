"""The Asana client beside a server that answers as Asana's published description says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import web

from services.trackers.asana.client import AsanaClient, AsanaLimits
from services.trackers.asana.tracker import Asana
from services.trackers.errors import (
    TrackerBusy,
    TrackerError,
    TrackerForbidden,
    TrackerNotFound,
    TrackerSignIn,
    TrackerUnreachable,
)
from services.trackers.facts import OutsideFile
from tests.support.asana_server import TOKEN, AsanaServer, refused, task

QUICK = AsanaLimits(seconds=2, tries=2, patience=2)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[AsanaServer]:
    made = AsanaServer(
        workspaces=[{"gid": "1", "resource_type": "workspace", "name": "Till & Co"}],
        projects={"1": [
            {"gid": "10", "resource_type": "project", "name": "Shop", "archived": False,
             "permalink_url": "https://app.asana.com/0/10"},
            {"gid": "11", "resource_type": "project", "name": "Attic", "archived": True, "permalink_url": ""},
        ]},
        tasks={
            "100": task(
                "100", "Show the total", notes="Before paying.\nAlways.", num_subtasks=1, due_on="2026-12-01",
                assignee={"gid": "5", "name": "Greta Till"}, tags=[{"gid": "6", "name": "till"}],
                custom_fields=[{"gid": "7", "name": "Effort", "display_value": "3"},
                               {"gid": "8", "name": "Empty", "display_value": None}],
                memberships=[{"project": {"gid": "99"}, "section": {"gid": "s", "name": "Elsewhere"}},
                             {"project": {"gid": "10"}, "section": {"gid": "s1", "name": "Doing"}}],
            ),
            "101": task("101", "Round it", parent={"gid": "100", "name": "Show the total"}),
            "102": task("102", "Receipt", completed=True, dependencies=[{"gid": "100"}]),
            "103": task("103", "Later:", resource_subtype="section"),
        },
        in_project={"10": ["100", "102", "103"]},
        stories={"100": [
            {"gid": "s1", "type": "system", "text": "Greta added to Shop", "created_at": "2026-11-01T08:00:00.000Z"},
            {"gid": "s2", "type": "comment", "text": "With the discount.", "created_at": "2026-11-01T09:00:00.000Z",
             "created_by": {"gid": "5", "name": "Greta Till"}},
        ]},
        attachments={"100": [
            {"gid": "a1", "name": "sketch.txt", "size": 5, "host": "asana", "resource_subtype": "asana",
             "view_url": "https://app.asana.com/a1"},
            {"gid": "a2", "name": "Plan", "host": "gdrive", "resource_subtype": "gdrive", "view_url": "https://drive.example/x"},
        ]},
        files={"a1": b"hello"},
    )  # fmt: skip
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def asana(server: AsanaServer, token: str = TOKEN, limits: AsanaLimits = QUICK) -> AsyncIterator[Asana]:
    made = Asana(AsanaClient(token, server.url, limits))
    try:
        yield made
    finally:
        await made.close()


async def test_all_that_is_asked_for_arrives_in_the_hubs_words(server: AsanaServer) -> None:
    server.page_limit = 1
    async with asana(server) as tracker:
        me = await tracker.whoami()
        assert (me.id, me.name, me.email) == ("1100", "Greta Till", "greta@till.example")
        projects = [project async for project in tracker.projects()]
        assert [(one.id, one.name, one.space, one.archived) for one in projects] == [
            ("10", "Shop", "Till & Co", False), ("11", "Attic", "Till & Co", True),
        ]  # fmt: skip
        first = await tracker.tasks("10", None, 50)
        assert [one.id for one in first.rows] == ["100"] and first.next == "page1"
        total = first.rows[0]
        assert (total.title, total.text, total.state, total.done) == (
            "Show the total",
            "Before paying.\nAlways.",
            "Doing",
            False,
        )
        assert (total.assignee, total.due, total.tags, total.subtasks) == ("Greta Till", "2026-12-01", ("till",), 1)
        assert [(one.name, one.value) for one in total.fields] == [("Effort", "3")]
        second = await tracker.tasks("10", first.next, 50)
        assert second.rows[0].done and second.rows[0].blocked_by == ("100",)
        sections = await tracker.tasks("10", second.next, 50)
        assert sections.rows == () and sections.next is None
        assert [(one.id, one.parent) async for one in tracker.subtasks("100")] == [("101", "100")]
        said = [one async for one in tracker.comments("100")]
        assert [(one.author, one.text) for one in said] == [("Greta Till", "With the discount.")]
        files = [one async for one in tracker.files("100")]
        assert [(one.name, one.size, one.kept_there) for one in files] == [
            ("sketch.txt", 5, True),
            ("Plan", None, False),
        ]


async def test_a_file_is_fetched_without_the_token(server: AsanaServer) -> None:
    got = bytearray()

    async def write(piece: bytes) -> None:
        got.extend(piece)

    async with asana(server) as tracker:
        await tracker.download(OutsideFile("a1", "sketch.txt"), write)
    assert got == b"hello"
    assert "Authorization" not in server.file_headers[0]


@pytest.mark.parametrize("address", ["https://127.0.0.1/x", "http://files.example/x", "file:///etc/passwd"])
async def test_a_file_from_within_the_network_is_not_fetched(server: AsanaServer, address: str) -> None:
    server.attachments["100"][0]["download_url"] = address

    async def write(_: bytes) -> None:
        raise AssertionError("nothing is fetched")

    async with asana(server) as tracker:
        with pytest.raises(TrackerForbidden):
            await tracker.download(OutsideFile("a1", "sketch.txt"), write)


@pytest.mark.parametrize(
    ("fault", "raised", "said"),
    [
        (refused(402, "The workspace is not on a paid plan."), TrackerForbidden, "not on a paid plan"),
        (refused(403, "Forbidden"), TrackerForbidden, "does not allow that"),
        (refused(404, "project: Unknown object: 10"), TrackerNotFound, "Unknown object: 10"),
        (refused(451, "Unavailable"), TrackerForbidden, "does not allow that"),
        (refused(400, "offset: Your pagination token has expired."), TrackerError, "changed meanwhile"),
        (refused(400, "project: Not a recognized ID: x"), TrackerError, "Not a recognized ID"),
        (web.Response(text="<html>Sign in to the hotel's network</html>"), TrackerUnreachable, "can't be read"),
        (web.json_response({"ok": True}), TrackerUnreachable, "no `data`"),
    ],
)
async def test_a_refusal_says_what_it_is(
    server: AsanaServer, fault: web.Response, raised: type[TrackerError], said: str
) -> None:
    server.faults = [fault]
    async with asana(server) as tracker:
        with pytest.raises(raised) as refusal:
            await tracker.tasks("10", None, 50)
    assert said in refusal.value.sentence and refusal.value.way_out
    assert TOKEN not in str(refusal.value)
    assert len(server.asked) == 1


async def test_a_token_that_is_refused(server: AsanaServer) -> None:
    async with asana(server, token="2/expired") as tracker:
        with pytest.raises(TrackerSignIn):
            await tracker.whoami()


async def test_what_fails_is_tried_again_and_what_asks_to_wait_is_waited_for(server: AsanaServer) -> None:
    server.faults = [refused(500, "Server Error"), refused(429, "Too many requests", **{"Retry-After": "1"})]
    async with asana(server) as tracker:
        assert (await tracker.whoami()).id == "1100"
    assert len(server.asked) == 3
    server.faults = [refused(503, "Service Unavailable") for _ in range(9)]
    async with asana(server) as tracker:
        with pytest.raises(TrackerUnreachable, match="503"):
            await tracker.whoami()
    server.faults = [refused(429, "Too many requests", **{"Retry-After": "60"})]
    async with asana(server) as tracker:
        with pytest.raises(TrackerBusy) as busy:
            await tracker.whoami()
    assert busy.value.data["retry_after"] == 60


async def test_an_id_of_nobodys_asks_nothing(server: AsanaServer) -> None:
    async with asana(server) as tracker:
        for id in ("../users/me", "1?x=1", "", "ü"):
            with pytest.raises(TrackerError):
                await tracker.task(id)
    assert server.asked == []


async def test_nobody_there(server: AsanaServer) -> None:
    await server.stop()
    async with asana(server) as tracker:
        with pytest.raises(TrackerUnreachable, match="can't be reached"):
            await tracker.whoami()


async def test_a_proxy_of_the_environment_is_asked(server: AsanaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server stands in for the proxy: it is asked for Asana's own address, in absolute form (RFC 9112, 3.2.2)."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    tracker = Asana(AsanaClient(TOKEN, "http://asana.invalid/api/1.0", QUICK))
    assert (await tracker.whoami()).name == "Greta Till"
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.port}")
    client = AsanaClient(TOKEN, server.url, QUICK)

    async def nothing(piece: bytes) -> None: ...

    # A name that is known to the proxy alone is left to it; what leads into this machine's network is not.
    with pytest.raises(TrackerUnreachable, match="can't be reached"):  # the server is no proxy for TLS
        await client.download("https://files.invalid/x", nothing)
    with pytest.raises(TrackerForbidden, match="private network"):
        await client.download("https://127.0.0.1/x", nothing)
    monkeypatch.delenv("HTTPS_PROXY")
    with pytest.raises(TrackerUnreachable, match="can't be found"):
        await client.download("https://files.invalid/x", nothing)
    await client.close()
    await tracker.close()
