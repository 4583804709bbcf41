"""Repositories cloned for projects: followed, cancelled, refused with a reason, and nothing half made left."""

import asyncio
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from main_api.settings import MainSettings
from services.domain.errors import Conflict, HubError
from services.projects.clones import Clones
from services.repos.clone import CloneLimits, checked_address, name_in
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.store.database import Database
from tests.api.conftest import TOKEN


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    return subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository of somebody's, with two branches and a hook that would tell that it ran."""
    folder = tmp_path / "elsewhere" / "till.git"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "package.json").write_text('{"name": "till", "scripts": {"test": "vitest run"}}')
    (folder / "big.bin").write_bytes(os.urandom(400_000))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "First")
    git(folder, "branch", "old")
    return folder


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if true():
                return
            await asyncio.sleep(0.02)


async def over(client: httpx.AsyncClient, clone_id: int) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            told = (await client.get(f"/clones/{clone_id}")).json()
            if told["state"] != "running":
                return told
            await asyncio.sleep(0.02)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_repository_is_cloned_and_a_project_made_of_it(
    client: httpx.AsyncClient, settings: MainSettings, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ran = tmp_path / "person", tmp_path / "ran"
    (home / "template" / "hooks").mkdir(parents=True)
    hook = home / "template" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[init]\n\ttemplateDir = {home}/template\n[filter "evil"]\n\tsmudge = touch {ran}; cat\n\trequired = true\n'
    )
    (origin / ".gitattributes").write_text("*.json filter=evil\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "A filter")
    monkeypatch.setenv("HOME", str(home))

    begun = await client.post("/clones", json={"url": f"file://{origin}"})
    assert begun.status_code == 202, begun.text
    told = await over(client, begun.json()["id"])
    assert (told["state"], told["fault"]) == ("done", None), told
    assert told["percent"] == 100 and told["bytes"] > 400_000
    folder = settings.workspaces_dir / "till"
    assert told["workspace_path"] == str(folder)
    assert left_in(settings.workspaces_dir) == ["till"]
    assert not ran.exists(), "a hook or a filter of the person's configuration was run"
    assert (await client.get("/clones")).json() == [told]

    seen = (await client.post("/projects/preview", json={"workspace_path": told["workspace_path"]})).json()
    assert (seen["repository"], seen["branch"], seen["dirty_count"]) == (True, "trunk", 0)
    assert seen["settings"]["discovered"]["package_managers"] == ["npm"]
    corrected = {"commands": {"test": "npx vitest run --reporter=junit"}, "facts": {"entry_points": ["src/till.js"]}}
    body = {"name": "Till", "workspace_path": "till", "repository_url": told["url"], "settings": corrected}
    made = await client.post("/projects", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["settings"]["commands"]["test"] == "npx vitest run --reporter=junit"
    kinds = [event["kind"] for event in (await client.get("/events")).json()]
    assert kinds[-3:] == ["clone.begun", "clone.done", "project.created"]


def test_the_same_filter_runs_where_the_protection_is_off(origin: Path, tmp_path: Path, database_url: str) -> None:
    """So the test above sees what it says."""
    ran, home = tmp_path / "ran", tmp_path / "person"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[filter "evil"]\n\tsmudge = touch {ran}; cat\n')
    (origin / ".gitattributes").write_text("*.json filter=evil\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "A filter")
    plain = {"PATH": os.environ["PATH"], "HOME": str(home)}
    subprocess.run(["git", "clone", "-q", str(origin), str(tmp_path / "plain")], check=True, env=plain)
    assert ran.exists()


async def test_a_branch_is_checked_out_and_a_missing_one_told(
    client: httpx.AsyncClient, settings: MainSettings, origin: Path
) -> None:
    body = {"url": str(origin), "workspace_path": "old-till", "branch": "old"}
    told = await over(client, (await client.post("/clones", json=body)).json()["id"])
    assert told["state"] == "done"
    assert git(settings.workspaces_dir / "old-till", "branch", "--show-current").strip() == "old"
    body = {"url": str(origin), "workspace_path": "new-till", "branch": "new"}
    told = await over(client, (await client.post("/clones", json=body)).json()["id"])
    assert (told["state"], told["fault"]["reason"]) == ("failed", "branch")
    assert "no branch new" in told["fault"]["sentence"]
    assert left_in(settings.workspaces_dir) == ["old-till"]


async def test_what_is_not_there_is_told(client: httpx.AsyncClient, settings: MainSettings, tmp_path: Path) -> None:
    told = await over(client, (await client.post("/clones", json={"url": f"file://{tmp_path}/nowhere"})).json()["id"])
    assert (told["state"], told["fault"]["code"], told["fault"]["reason"]) == ("failed", "clone_failed", "missing")
    assert "There is no repository" in told["fault"]["sentence"] and told["fault"]["way_out"]
    assert left_in(settings.workspaces_dir) == []
    assert (await client.get("/events")).json()[-1]["kind"] == "clone.failed"


@pytest.mark.parametrize("cancelled", [False, True])
async def test_one_is_over_when_that_is_told_and_no_sooner(
    settings: MainSettings, client: httpx.AsyncClient, origin: Path, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    telling, go_on, tell = asyncio.Event(), asyncio.Event(), Clones._tell

    async def slowly(self: Clones, kind: str, *more: Any) -> None:
        if kind == "clone.done":
            telling.set()
            await go_on.wait()
        await tell(self, kind, *more)

    monkeypatch.setattr(Clones, "_tell", slowly)
    clones = clones_of(settings, LIMITS)
    one = await clones.begin(str(origin), None, None, "person")
    await asyncio.wait_for(telling.wait(), 20)
    assert one.state == "running"
    ending = asyncio.create_task(clones.cancel(one.id, "person") if cancelled else clones.stop())
    await asyncio.sleep(0.1)
    go_on.set()
    if cancelled:
        with pytest.raises(Conflict, match="is done already"):
            await ending
    await asyncio.wait({ending})
    assert one.state == "done"
    assert [event["kind"] for event in (await client.get("/events")).json()][-1] == "clone.done"


async def test_a_host_that_nobody_answers_at_is_told(client: httpx.AsyncClient, settings: MainSettings) -> None:
    body = {"url": "https://127.0.0.1:1/till.git"}
    told = await over(client, (await client.post("/clones", json=body)).json()["id"])
    assert (told["state"], told["fault"]["reason"]) == ("failed", "unreachable"), told
    assert left_in(settings.workspaces_dir) == []


class Closed(BaseHTTPRequestHandler):
    """A server that lets nobody in."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="till"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    began = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(began).not_valid_after(began + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Closed)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    home = tmp_path / "trusting"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[http]\n\tsslCAInfo = {pem}\n")
    monkeypatch.setenv("HOME", str(home))
    yield f"https://localhost:{server.server_address[1]}/till.git"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_door_that_is_closed_is_told_and_nobody_is_asked(
    client: httpx.AsyncClient, settings: MainSettings, closed: str
) -> None:
    told = await over(client, (await client.post("/clones", json={"url": closed})).json()["id"])
    assert (told["state"], told["fault"]["reason"]) == ("failed", "auth"), told
    assert "credential" in told["fault"]["way_out"]
    assert left_in(settings.workspaces_dir) == []


async def test_a_host_that_the_machine_does_not_trust_is_told(
    client: httpx.AsyncClient, closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    told = await over(client, (await client.post("/clones", json={"url": closed})).json()["id"])
    assert (told["state"], told["fault"]["reason"]) == ("failed", "untrusted"), told


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example/till.git", "ext::sh -c touch%20x", "git://git.example/till.git", "--upload-pack=x",
        "https://ann:secret@git.example/till.git", "https://ghp_token@git.example/till.git", "ssh://-oProxyCommand=x/t",
        "file://", "file://host/till.git", "till", "https://", "https://git.example/a b", "-u:x",
        "https://[::1/till.git", "ssh://git.example:99999/till", "https://git.example:port/till.git",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_cloned(client: httpx.AsyncClient, settings: MainSettings, url: str) -> None:
    answer = await client.post("/clones", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
    assert "secret" not in answer.text and "ghp_token" not in answer.text
    assert left_in(settings.workspaces_dir) == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://git.example/shop/till.git", "till"),
        ("ssh://git@git.example:22/till/", "till"),
        ("git@git.example:shop/till.git", "till"),
        ("/srv/till register", ""),
    ],
)
def test_addresses_that_are(url: str, name: str, database_url: str) -> None:
    if not name:
        with pytest.raises(HubError):
            checked_address(url)
        return
    assert name_in(checked_address(url)) == name


async def test_what_is_there_is_not_written_over(
    client: httpx.AsyncClient, settings: MainSettings, origin: Path, tmp_path: Path
) -> None:
    mine = settings.workspaces_dir / "till"
    mine.mkdir()
    (mine / "draft.txt").write_text("mine")
    refused = await client.post("/clones", json={"url": str(origin)})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    outside = await client.post("/clones", json={"url": str(origin), "workspace_path": str(settings.home / "x")})
    assert outside.json()["code"] == "workspace_forbidden"
    assert (mine / "draft.txt").read_text() == "mine" and left_in(settings.workspaces_dir) == ["till"]
    (mine / "draft.txt").unlink()
    assert (await over(client, (await client.post("/clones", json={"url": str(origin)})).json()["id"]))[
        "state"
    ] == "done"


@pytest.fixture
def slow(tmp_path: Path, origin: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address whose git answers late, over ssh as the person's configuration says."""
    program = tmp_path / "ssh"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    home = tmp_path / "waits"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n\tsshCommand = {program}\n")
    monkeypatch.setenv("HOME", str(home))
    return "git@git.example:shop/till.git"


def sleepers(settings: MainSettings) -> int:
    """Of this test: the program that answers late lies beside its hub."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return listed.count(f"{settings.home.parent}/ssh")


async def test_a_clone_is_cancelled_and_nothing_is_left(
    client: httpx.AsyncClient, settings: MainSettings, slow: str
) -> None:
    one = (await client.post("/clones", json={"url": slow})).json()
    twin = await client.post("/clones", json={"url": slow})
    assert (twin.status_code, twin.json()["code"]) == (409, "conflict")
    other = (await client.post("/clones", json={"url": slow, "workspace_path": "other"})).json()
    third = await client.post("/clones", json={"url": slow, "workspace_path": "third"})
    assert (third.status_code, third.json()["code"]) == (409, "clones_busy")
    await until(lambda: sleepers(settings) > 0)
    assert (settings.workspaces_dir / ".till.cloning").exists()
    ended = await client.post(f"/clones/{one['id']}/cancel")
    assert (ended.status_code, ended.json()["state"]) == (200, "cancelled")
    assert (await client.post(f"/clones/{other['id']}/cancel")).json()["state"] == "cancelled"
    assert left_in(settings.workspaces_dir) == [] and left_in(settings.home / "clones") == []
    again = await client.post(f"/clones/{one['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert sleepers(settings) == 0
    event = (await client.get("/events")).json()[-1]
    assert (event["kind"], event["actor"]) == ("clone.cancelled", "person")


LIMITS = CloneLimits(bytes=10_000_000, seconds=60, free=0)


@pytest.mark.parametrize(
    ("limits", "code", "word"),
    [
        (CloneLimits(bytes=100_000, seconds=60, free=0), "clone_failed", "CLONE_MAX_BYTES"),
        (CloneLimits(bytes=10_000_000, seconds=60, free=1 << 62), "repository_disk_full", "Free some space"),
    ],
)
async def test_sizes_and_full_disks(
    settings: MainSettings, client: httpx.AsyncClient, origin: Path, limits: CloneLimits, code: str, word: str
) -> None:
    one = await finished(settings, limits, str(origin))
    assert one.fault is not None
    assert (one.state, one.fault.code) == ("failed", code) and word in one.fault.way_out
    assert left_in(settings.workspaces_dir) == []


async def test_one_that_takes_too_long_is_stopped(settings: MainSettings, client: httpx.AsyncClient, slow: str) -> None:
    one = await finished(settings, CloneLimits(10_000_000, 0.5, 0), slow)
    assert one.fault is not None
    assert one.fault.data["reason"] == "slow" and "CLONE_SECONDS" in one.fault.way_out
    assert left_in(settings.workspaces_dir) == [] and sleepers(settings) == 0


async def finished(settings: MainSettings, limits: CloneLimits, url: str) -> Any:
    clones = clones_of(settings, limits)
    await clones.start()
    one = await clones.begin(url, None, None, "person")
    await until(lambda: one.state != "running")
    await clones.stop()
    return one


def clones_of(settings: MainSettings, limits: CloneLimits) -> Clones:
    repos = Repos(settings.home, Identity("Hub", "hub@localhost"))
    return Clones(Database(settings.database), repos, settings.workspaces_dir, limits, most=2)


async def test_a_killed_hubs_leavings_are_taken_away_at_the_next_start(
    settings: MainSettings, client: httpx.AsyncClient
) -> None:
    left = settings.workspaces_dir / ".till.cloning"
    (left / "objects").mkdir(parents=True)
    notes = settings.home / "clones"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / "1.path").write_text(str(settings.workspaces_dir / "till"))
    await clones_of(settings, LIMITS).start()
    assert left_in(settings.workspaces_dir) == [] and left_in(notes) == []


async def test_a_hub_that_stops_leaves_nothing(settings: MainSettings, client: httpx.AsyncClient, slow: str) -> None:
    clones = clones_of(settings, LIMITS)
    await clones.start()
    one = await clones.begin(slow, None, None, "person")
    await until((settings.workspaces_dir / ".till.cloning").exists)
    await clones.stop()
    assert one.state == "cancelled" and left_in(settings.workspaces_dir) == [] and sleepers(settings) == 0


async def test_a_clone_that_nobody_knows(client: httpx.AsyncClient) -> None:
    answer = await client.get("/clones/7")
    assert answer.status_code == 404 and "started again" in answer.json()["way_out"]
    assert TOKEN not in answer.text
