"""A hub with somebody signed in, and web pages of others in the same browser."""

import asyncio
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from main_api.app import create_app
from main_api.server import config
from main_api.settings import MainSettings
from tests.support.stranger import stranger

CHROMIUM = shutil.which("chromium")
TOKEN = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
ELSEWHERE, REBOUND = "evil.example", "rebound.example"  # reserved names: nobody's
RULES = f"MAP {ELSEWHERE} 127.0.0.1 , MAP {REBOUND} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"
NO_HELP = "--disable-features=LocalNetworkAccessChecks"  # newer browsers keep public pages off this machine themselves
PATIENCE = 60.0  # seconds after which a wait is hopeless, also on a machine that has a lot else to do
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90400000000002c00000000010001000002024401003b")


@dataclass
class Victim:
    """A hub with a project, a task and a picture on it."""

    port: int
    server: uvicorn.Server
    client: httpx.Client
    database: Path
    task: int = 0
    picture: str = ""

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def facts(self) -> dict[str, int]:
        """What an attack could change, as the database has it."""
        questions = {
            name: f"SELECT count(*) FROM {name}" for name in ("projects", "attachments", "login_codes", "sessions")
        }
        questions["deleted"] = "SELECT count(*) FROM tasks WHERE deleted_at IS NOT NULL"
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            return {name: connection.execute(question).fetchone()[0] for name, question in questions.items()}

    def gains(self, before: dict[str, int], **more: int) -> bool:
        """Whether there are so many more than before, once they are: a form and a beacon are sent, not waited for."""
        end = time.monotonic() + PATIENCE
        while not (there := all(self.facts()[name] >= before[name] + number for name, number in more.items())):
            if time.monotonic() > end:
                break
            time.sleep(0.02)
        return there


@pytest.fixture(scope="session")
def victim(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Victim]:
    root = tmp_path_factory.mktemp("victim")
    for name in ("workspaces", "dist"):
        (root / name).mkdir()
    (root / "dist" / "chat.html").write_text("<!doctype html><title>The hub's page</title><p>page")
    shutil.copyfile(sqlite_template, root / "hub.sqlite")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    told = {
        "WFHUB_HOME": str(root / "home"), "WORKSPACES_DIR": str(root / "workspaces"), "STATIC_DIR": str(root / "dist"),
        "DATABASE_URL": f"sqlite:///{root / 'hub.sqlite'}", "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": TOKEN[::-1],
        "MAIN_API_PORT": str(port),
    }  # fmt: skip
    settings = MainSettings.from_environment(told)
    server = uvicorn.Server(config(create_app(settings), settings, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the hub did not start"
            threading.Event().wait(0.02)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=AUTH, timeout=PATIENCE) as client:
            yield _furnished(Victim(port, server, client, root / "hub.sqlite"))
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _furnished(hub: Victim) -> Victim:
    project = hub.client.post("/projects", json={"name": "till", "workspace_path": "till"}).json()
    hub.task = hub.client.post("/tasks", json={"project_id": project["id"], "title": "Round the total"}).json()["id"]
    put = hub.client.post(f"/tasks/{hub.task}/attachments", files={"file": ("dot.gif", PIXEL, "image/gif")})
    assert put.status_code == 201, put.text
    hub.picture = f"/attachments/{put.json()['id']}/download"
    assert hub.client.get(hub.picture).status_code == 200
    return hub


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: while it is open, no test with a loop of its own can run."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt install chromium")
    with sync_playwright() as playwright:
        arguments = [f"--host-resolver-rules={RULES}", "--no-sandbox", "--disable-background-networking", NO_HELP]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[int]:
    """The port of somebody else's web server."""
    with stranger() as port:
        yield port


@pytest.fixture
def signed_in(browser: Browser, victim: Victim) -> Iterator[BrowserContext]:
    """A browser in which the owner has the hub open."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    page.goto(victim.client.post("/login/links").json()["url"])
    assert page.evaluate("async () => (await fetch('/session')).status") == 200
    yield context
    context.close()


@pytest.fixture
def evil(signed_in: BrowserContext) -> Page:
    """Another tab of it."""
    return signed_in.new_page()
