"""The front door, by the real Caddy with the Caddyfile as it is shipped, before an upstream that says what it got."""

import asyncio
import json
import os
import queue
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from tests.support.local_hub import CHECKOUT
from tests.support.ports import free_port

DOMAIN, MOST = "wfhub.localhost", 2_000_000
TOKEN = "a-token-that-no-log-may-have"


async def echo(request: Request) -> JSONResponse:
    return JSONResponse({"headers": dict(request.headers), "path": request.url.path})


async def page(_: Request) -> Response:
    return Response(
        "<p>a page</p>" * 500, media_type="text/html", headers={"Content-Security-Policy": "its own", "Via": "x"}
    )


taken: list[int] = []


async def take(request: Request) -> JSONResponse:
    taken.append(0)
    async for part in request.stream():
        taken[-1] += len(part)
    return JSONResponse({"size": taken[-1]})


SENDING_FAILED = 55  # curl's exit code then
REFUSAL = '{"detail":"too large, says main-api"}'


async def refuse(_: Request) -> Response:
    """As main-api does: by what is said of the length, before the body comes."""
    return Response(REFUSAL, 413, media_type="application/problem+json")


heard: "queue.SimpleQueue[None]" = queue.SimpleQueue()


async def events(_: Request) -> StreamingResponse:
    """None is said before the one before it was heard."""

    async def said() -> AsyncIterator[str]:
        for number in range(3):
            yield f"data: {number}\n\n"
            await asyncio.to_thread(heard.get, timeout=60)

    return StreamingResponse(said(), media_type="text/event-stream")


left = threading.Event()


async def answer(_: Request) -> StreamingResponse:
    """Lines as a model's answer has them, without end: until who asked has gone."""

    async def said() -> AsyncIterator[str]:
        try:
            while True:
                yield '{"response": "word"}\n'
                await asyncio.sleep(0.3)
        finally:
            left.set()

    return StreamingResponse(said(), media_type="application/x-ndjson")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(f"heard {await websocket.receive_text()}")


UPSTREAM = Starlette(routes=[
    Route("/echo", echo), Route("/page", page), Route("/events", events), Route("/take", take, methods=["POST"]),
    Route("/refuse", refuse, methods=["POST"]), Route("/answer", answer),
    WebSocketRoute("/ws", socket),
])  # fmt: skip


class CutOff(Exception):
    """The connection was closed while curl was still sending."""


@dataclass
class Door:
    """A running Caddy. `curl` goes through it as a browser's connection would: by name, with its authority trusted."""

    https: int
    http: int
    ca: Path
    log: Path

    def curl(self, path: str, *options: str, port: int | None = None, scheme: str = "https") -> str:
        port = port or (self.https if scheme == "https" else self.http)
        done = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--max-time", "30", "--cacert", self.ca, "--resolve",
             f"{DOMAIN}:{port}:127.0.0.1", *options, f"{scheme}://{DOMAIN}:{port}{path}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == SENDING_FAILED:
            raise CutOff(done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def headers(self, path: str, *options: str) -> dict[str, str]:
        lines = self.curl(path, "--head" if not options else "-i", *options).splitlines()
        named = [line.partition(": ") for line in lines if ": " in line]
        return {name.lower(): value for name, _, value in named} | {"status": lines[0].split()[1]}


@contextmanager
def running(folder: Path, config: Path, main: int) -> Iterator[Door]:
    """Caddy on free ports, before what listens on `main`."""
    if shutil.which("caddy") is None or shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Caddy or no curl: apt install caddy curl")
        pytest.skip("needs Caddy and curl: apt install caddy curl")
    https, http = free_port(), free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"),
                   "XDG_CONFIG_HOME": str(folder / "config"), "HTTPS_PORT": str(https), "HTTP_PORT": str(http),
                   "HUB_DOMAIN": DOMAIN, "MAIN_API": f"127.0.0.1:{main}", "UPLOAD_BYTES": str(MOST)}  # fmt: skip
    ca, log = folder / "data/caddy/pki/authorities/local/root.crt", folder / "log"
    with log.open("wb") as said, subprocess.Popen(
        ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"], env=environment, stdout=said, stderr=said
    ) as caddy:  # fmt: skip
        try:
            made = Door(https, http, ca, log)
            _await(made, caddy)
            yield made
        finally:
            caddy.terminate()


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[uvicorn.Server, int]]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(UPSTREAM, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server, port
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, upstream: tuple[uvicorn.Server, int]) -> Iterator[Door]:
    with running(tmp_path_factory.mktemp("caddy"), CHECKOUT / "Caddyfile", upstream[1]) as made:
        yield made


def _await(door: Door, caddy: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while caddy.poll() is None and time.monotonic() < until:
        try:
            door.curl("/echo")
            return
        except AssertionError:
            time.sleep(0.1)
    raise AssertionError(door.log.read_text())


def test_http_2_is_spoken_and_http_leads_to_https(door: Door) -> None:
    shown = door.curl("/echo", "--http2", "-o", "/dev/null", "-w", "%{http_version}")
    assert shown == "2"
    assert door.curl("/echo", "--http1.1", "-o", "/dev/null", "-w", "%{http_version}") == "1.1"
    moved = door.curl("/a?b=c", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", scheme="http")
    assert moved.startswith("308 https://wfhub.localhost") and moved.endswith("/a?b=c")
    assert "alt-svc" not in door.headers("/echo"), "HTTP/3 is not published, so nobody is sent there"


def test_the_upstream_learns_the_name_and_the_scheme(door: Door) -> None:
    got = json.loads(door.curl("/echo", "-H", "X-Forwarded-Proto: http", "-H", "X-Forwarded-For: 6.6.6.6"))["headers"]
    assert got["host"].startswith(DOMAIN)
    assert got["x-forwarded-proto"] == "https" and "6.6.6.6" not in got["x-forwarded-for"]


def test_security_headers_are_on_every_answer(door: Door) -> None:
    own = door.headers("/page", "--compressed")
    assert own["content-security-policy"] == "its own", "what main-api says of its page wins"
    assert own["content-encoding"] == "gzip"
    plain = door.headers("/echo", "-X", "GET")
    for headers in (own, plain):
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY" and headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers or headers["server"] != "Caddy"
        assert "via" not in headers
    assert "default-src 'none'" in plain["content-security-policy"]


def test_events_come_one_by_one(door: Door) -> None:
    """Also to a browser, which offers gzip with everything it asks."""
    command = ["curl", "-sSN", "--noproxy", "*", "--max-time", "30", "--cacert", str(door.ca), "--resolve",
               f"{DOMAIN}:{door.https}:127.0.0.1", "-H", "Accept: text/event-stream", "-H", "Accept-Encoding: gzip",
               f"https://{DOMAIN}:{door.https}/events"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        lines = [line for line in reader.stdout if line.startswith(b"data") and heard.put(None) is None]
    assert lines == [b"data: 0\n", b"data: 1\n", b"data: 2\n"]


async def test_a_websocket_passes_both_ways(door: Door) -> None:
    trusted = ssl.create_default_context(cafile=str(door.ca))
    url = f"wss://{DOMAIN}:{door.https}/ws"
    async with connect(url, ssl=trusted, server_hostname=DOMAIN, host="127.0.0.1", port=door.https, proxy=None) as line:
        for word in ("one", "two"):
            await line.send(word)
            assert await line.recv() == f"heard {word}"


def test_uploads_pass_up_to_the_limit_and_no_further(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(os.urandom(MOST))
    assert json.loads(door.curl("/take", "--data-binary", f"@{file}")) == {"size": MOST}
    with file.open("ab") as more:
        more.write(b"x" * 100_000)
    for length in ((), ("-H", "Transfer-Encoding: chunked")):  # told beforehand, and not
        refused = door.curl("/take", "--http1.1", *length, "--data-binary", f"@{file}", "-w", "\n%{http_code}")
        assert refused.splitlines()[-1] in ("413", "502"), refused  # 502: Caddy before 2.7
        assert taken[-1] <= MOST


@pytest.mark.parametrize("way", ["--http1.1", "--http2"])
def test_an_upload_that_main_api_refuses_while_it_comes_gets_the_refusal(door: Door, tmp_path: Path, way: str) -> None:
    """Whole, and never another answer. curl asks with `Expect: 100-continue` before so large a body.

    HTTP/1.1 has no way to refuse a body that is under way but to close the connection: a sender that is just in the
    middle of it may meet that before it reads the answer. Over HTTP/2, which browsers speak, it is whole each time.
    """
    file = tmp_path / "upload"
    file.write_bytes(os.urandom(MOST - 1))
    chunked = [(), ("-H", "Transfer-Encoding: chunked")] if way == "--http1.1" else [()]
    cut = 0
    for _ in range(30):
        for length in chunked:
            try:
                said = door.curl("/refuse", way, *length, "--data-binary", f"@{file}", "-w", "\n%{http_code}")
            except CutOff:
                cut += 1
            else:
                assert said == f"{REFUSAL}\n413"
    assert cut == 0 or (way == "--http1.1" and cut < 10)


def test_a_models_answer_comes_line_by_line_and_ends_when_nobody_reads(door: Door) -> None:
    left.clear()
    command = ["curl", "-sSN", "--noproxy", "*", "--max-time", "30", "--cacert", str(door.ca), "--resolve",
               f"{DOMAIN}:{door.https}:127.0.0.1", f"https://{DOMAIN}:{door.https}/answer"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        for _ in range(3):
            assert reader.stdout.readline() == b'{"response": "word"}\n'
        reader.terminate()
    assert left.wait(60), "main-api goes on answering somebody who has gone"


def test_a_name_that_is_not_the_hubs_is_not_served(door: Door) -> None:
    stranger = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--cacert", door.ca, "--resolve", f"evil.localhost:{door.https}:127.0.0.1",
         f"https://evil.localhost:{door.https}/echo"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert stranger.returncode != 0 and "headers" not in stranger.stdout
    assert "headers" not in door.curl("/echo", "-H", "Host: evil.example")


def test_headers_without_end_are_refused(door: Door) -> None:
    assert door.curl("/echo", "--http1.1", "-H", f"X-Long: {'x' * 40_000}", "-w", "\n%{http_code}").endswith("431")


def test_a_hub_that_is_away_is_told_and_no_token_is_logged(door: Door, upstream: tuple[uvicorn.Server, int]) -> None:
    """Last: it takes the upstream away."""
    secret = ("-H", f"Authorization: Bearer {TOKEN}", "-H", f"Cookie: wfhub_session={TOKEN}")
    door.curl(f"/login?code={TOKEN}", *secret)
    upstream[0].should_exit = True
    until = time.monotonic() + 60
    said = ""
    while "does not answer" not in said and time.monotonic() < until:
        said = door.curl(f"/ollama/as/{TOKEN}/api/tags?code={TOKEN}", *secret, "-i")
        time.sleep(0.1)
    assert "./start.sh status" in said and " 502" in said.splitlines()[0]
    assert "nosniff" in said and "strict-transport-security" in said.lower()
    time.sleep(0.5)
    assert TOKEN not in door.log.read_text()


FILTER = re.compile(r"\tlog default \{.*?\n\t\}\n", re.S)
HANDLED = re.compile(r"\thandle_errors \{.*?\n\t\}\n", re.S)


@pytest.mark.parametrize("filtered", [True, False])
def test_without_its_filter_the_log_would_have_tokens(tmp_path: Path, filtered: bool) -> None:
    """Where an error is logged, which `handle_errors` spares: the filter is what keeps addresses out of it."""
    text = (CHECKOUT / "Caddyfile").read_text()
    text, found = HANDLED.subn("", text)
    assert found == 1 and FILTER.search(text)
    file = tmp_path / "Caddyfile"
    file.write_text(text if filtered else FILTER.sub("", text))
    with running(tmp_path, file, free_port()) as door:
        door.curl(f"/login?code={TOKEN}", "-H", f"Authorization: Bearer {TOKEN}")
        until = time.monotonic() + 30
        while "connection refused" not in (log := door.log.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
    assert "connection refused" in log
    assert (TOKEN in log) is not filtered
