"""Attachments over HTTP: streamed in, kept once, limited, sent safely, and nothing left of what went wrong."""

import asyncio
import errno
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from main_api.hub import HubParts
from services.files.incoming import Incoming
from services.store.models import Attachment, Task
from tests.api.conftest import AUTH, Served
from tests.support import factories as make

PAGE = b"<script>fetch('/projects')</script>"
NAME = "Quittung \u202efdp.exe ü 🧾.png"


def files_under(hub: HubParts) -> list[Path]:
    return [path for path in hub.attachments.root.rglob("*") if path.is_file()]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came to hold")


@pytest.fixture
async def task(hub: HubParts) -> Task:
    async with hub.db.write() as session:
        return await make.make_task(session)


async def put(client: httpx.AsyncClient, task: Task, data: bytes = PAGE, name: str = "a.html", **fields: str) -> dict:
    response = await client.post(f"/tasks/{task.id}/attachments", files={"file": (name, data)}, data=fields)
    assert response.status_code == 201, response.text
    return response.json()


async def test_what_is_uploaded_comes_back_as_a_download(client: httpx.AsyncClient, task: Task) -> None:
    made = await put(client, task, name=f"../../{NAME}", description="after the refund")
    assert made["name"] == "Quittung fdp.exe ü 🧾.png", "no path, and nothing that turns letters around"
    assert (made["task_id"], made["size"], made["description"]) == (task.id, len(PAGE), "after the refund")
    assert made["sha256"] == hashlib.sha256(PAGE).hexdigest()
    assert (made["media_type"], made["picture"]) == ("application/octet-stream", False), "its name is no proof"
    got = await client.get(f"/attachments/{made['id']}/download")
    assert got.content == PAGE
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment; filename*=utf-8''Quittung")
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["etag"] == f'"{made["sha256"]}"'


async def test_ranges_and_etags(client: httpx.AsyncClient, task: Task) -> None:
    made = await put(client, task)
    address = f"/attachments/{made['id']}/download"
    part = await client.get(address, headers={"Range": "bytes=8-13"})
    assert (part.status_code, part.content) == (206, PAGE[8:14])
    assert part.headers["content-range"] == f"bytes 8-13/{len(PAGE)}"
    last = await client.get(address, headers={"Range": "bytes=-5"})
    assert (last.status_code, last.content) == (206, PAGE[-5:])
    for asked in ("bytes=900-", "bytes=9-3", "bytes=x-y"):
        beyond = await client.get(address, headers={"Range": asked})
        assert (beyond.status_code, beyond.json()["code"]) == (416, "range_refused"), asked
    same = await client.get(address, headers={"If-None-Match": f'"{made["sha256"]}"'})
    assert (same.status_code, same.content) == (304, b"")
    stale = await client.get(address, headers={"If-Range": '"other"', "Range": "bytes=0-1"})
    assert (stale.status_code, stale.content) == (200, PAGE), "another file than the one it had a part of"


async def test_the_same_bytes_are_kept_once_and_go_with_the_last(
    client: httpx.AsyncClient, hub: HubParts, task: Task
) -> None:
    first, second = await put(client, task, name="a.txt"), await put(client, task, name="b.txt")
    assert first["sha256"] == second["sha256"] and len(files_under(hub)) == 1
    assert (await client.delete(f"/attachments/{first['id']}")).status_code == 204
    assert (await client.get(f"/attachments/{first['id']}")).status_code == 404
    assert (await client.get(f"/attachments/{second['id']}/download")).content == PAGE
    assert (await client.delete(f"/attachments/{second['id']}")).status_code == 204
    assert files_under(hub) == []
    told = (await client.get("/events", params={"after": 0})).json()
    assert [e["kind"] for e in told if e["kind"].startswith("attachment.")] == [
        "attachment.added", "attachment.added", "attachment.removed", "attachment.removed",
    ]  # fmt: skip


async def test_rename_and_describe(client: httpx.AsyncClient, task: Task) -> None:
    made = await put(client, task)
    address = f"/attachments/{made['id']}"
    changed = (await client.patch(address, json={"version": 1, "name": "x/y/z.html", "description": "مرحبا"})).json()
    assert (changed["name"], changed["description"], changed["version"]) == ("z.html", "مرحبا", 2)
    stale = await client.patch(address, json={"version": 1, "name": "late.html"})
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "z.html")


async def test_on_a_request_a_comment_and_a_bug(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        request = await make.make_request(session)
        comment = await make.make_comment(session, task)
    bug = (await client.post("/bugs", json={"title": "The total is wrong"})).json()
    for noun, number in (("request", request.id), ("comment", comment.id), ("bug", bug["id"])):
        response = await client.post(f"/{noun}s/{number}/attachments", files={"file": ("a.txt", b"hello")})
        assert response.status_code == 201, response.text
        listed = (await client.get("/attachments", params={f"{noun}_id": number})).json()
        assert [(row[f"{noun}_id"], row["name"], row["media_type"]) for row in listed] == [
            (number, "a.txt", "text/plain")
        ]
        missing = await client.post(f"/{noun}s/{number + 99}/attachments", files={"file": ("a.txt", b"hello")})
        assert missing.status_code == 404
    assert (await client.get(f"/tasks/{task.id}/attachments")).json() == []


BAD_FORMS = {
    "no form": ("application/json", b"{}", "no multipart form"),
    "no boundary": ("multipart/form-data", b"", "no multipart form"),
    "no file": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
                "no file"),
    "cut": ("multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--', "ends before"),
    "two": ("multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n1\r\n' * 2 + b"--x--", "more than one"),
    "other name": ("multipart/form-data; boundary=x",
                   b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1\r\n--x--', "another name"),
    "nonsense": ("multipart/form-data; boundary=x", b"hello", "breaks the rules"),
    "latin-1": ("multipart/form-data; boundary=x",
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xfc"\r\n\r\n1\r\n--x--', "UTF-8"),
    "long field": ("multipart/form-data; boundary=x",
                   b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"1" * 70_000 + b"\r\n--x--",
                   "too long"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FORMS)
async def test_a_form_that_is_none(client: httpx.AsyncClient, hub: HubParts, task: Task, case: str) -> None:
    kind, body, told = BAD_FORMS[case]
    response = await client.post(f"/tasks/{task.id}/attachments", content=body, headers={"Content-Type": kind})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "upload_unreadable")
    assert told in problem["detail"] and problem["way_out"]
    assert files_under(hub) == []


async def test_fields_are_checked_like_any_body(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    for fields in ({"descripton": "typo"}, {"description": "x" * 3000}, {"description": "a\0b"}):
        response = await client.post(f"/tasks/{task.id}/attachments", files={"file": ("a", b"1")}, data=fields)
        assert (response.status_code, response.json()["code"]) == (422, "validation"), fields
    assert files_under(hub) == []


async def test_a_row_that_can_not_be_made_leaves_no_file(
    client: httpx.AsyncClient, hub: HubParts, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.attachments.add.MOST_ON_ONE", 1)
    await put(client, task)
    full = await client.post(f"/tasks/{task.id}/attachments", files={"file": ("b", b"other")})
    assert (full.status_code, full.json()["code"]) == (409, "conflict")
    assert [path.read_bytes() for path in files_under(hub)] == [PAGE]


async def test_a_file_above_the_limit(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    """Also where nothing told its length beforehand, and with the row above it unharmed."""
    object.__setattr__(hub.settings, "attachment_max_bytes", 5000)
    address = f"/tasks/{task.id}/attachments"
    exact = await client.post(address, files={"file": ("a", b"x" * 5000)})
    assert exact.status_code == 201
    above = await client.post(address, files={"file": ("a", b"x" * 5001)})
    assert (above.status_code, above.json()["code"]) == (413, "file_too_large")
    assert "5 kB" in above.json()["detail"]
    assert len(files_under(hub)) == 1


async def test_a_changed_file_is_not_sent(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    made = await put(client, task)
    hub.attachments.path(made["sha256"]).write_bytes(b"short")
    gone = await client.get(f"/attachments/{made['id']}/download")
    assert (gone.status_code, gone.json()["code"]) == (410, "attachment_gone")
    await put(client, task)
    assert (await client.get(f"/attachments/{made['id']}/download")).content == PAGE, "the same upload mends it"


async def test_a_cut_upload_leaves_nothing(served: Served) -> None:
    async with served.hub.db.write() as session:
        task = await make.make_task(session)
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = (
        f"POST /tasks/{task.id}/attachments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTH['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n"
    )
    writer.write(head.encode() + b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
    writer.write(b"x" * 3_000_000)
    await writer.drain()
    await until(lambda: any(path.stat().st_size > 1_000_000 for path in files_under(served.hub)))  # really on the disk
    writer.close()
    await until(lambda: not files_under(served.hub))
    async with served.hub.db.read() as session:
        assert await session.get(Attachment, 1) is None


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """And only that: what another living one writes is locked."""
    from services.files.store import FileStore

    store = FileStore(tmp_path)

    async def story() -> int:
        async with store.incoming(100) as coming:
            await coming.write(b"still coming")
            (tmp_path / "incoming" / "left").write_bytes(b"of a killed one")
            return FileStore(tmp_path).sweep()

    assert asyncio.run(story()) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_lists_page(client: httpx.AsyncClient, task: Task) -> None:
    for number in range(3):
        await put(client, task, data=b"%d" % number, name=f"{number}.txt")
    first = await client.get("/attachments", params={"limit": 2, "sort": "-name"})
    assert [row["name"] for row in first.json()] == ["2.txt", "1.txt"]
    assert first.headers["x-total-count"] == "3"
    rest = await client.get(
        "/attachments", params={"limit": 2, "sort": "-name", "cursor": first.headers["x-next-cursor"]}
    )
    assert [row["name"] for row in rest.json()] == ["0.txt"]
    assert "x-next-cursor" not in rest.headers
    assert json.loads(first.text)[0]["task_id"] == task.id


async def test_a_full_disk_is_507_and_leaves_nothing(
    client: httpx.AsyncClient, hub: HubParts, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_coming: Incoming, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Incoming, "_append", no_room)
        for noun, fields in (("attachments", {}), ("proofs", {"kind": "log"})):
            response = await client.post(f"/tasks/{task.id}/{noun}", files={"file": ("a", PAGE)}, data=fields)
            assert (response.status_code, response.json()["code"]) == (507, "disk_full"), noun
    assert files_under(hub) == [] and not list(hub.proofs.root.glob("incoming/*"))
    assert (await put(client, task))["size"] == len(PAGE), "once there is room again"


async def test_only_uploads_may_be_large(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    """MAX_BODY_BYTES is 100,000 in these tests; a file may have more, anything else not."""
    large = "x" * 150_000
    assert (await put(client, task, data=large.encode()))["size"] == 150_000
    other = await client.post("/tasks", json={"project_id": task.project_id, "title": "x", "description": large})
    assert (other.status_code, other.json()["code"]) == (413, "body_too_large")
    assert "MAX_BODY_BYTES" in other.json()["way_out"]
    for path in (f"/tasks/{task.id}/comments", f"/tasks/{task.id}/attachments/x", f"/x/tasks/{task.id}/attachments"):
        assert (await client.post(path, json={"body": large})).status_code == 413, path
