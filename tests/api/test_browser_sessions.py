"""Signing in by a link that was clicked elsewhere, in a real browser. What others may try is in tests/attacks."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from main_api.settings import MainSettings
from tests.api.conftest import AUTH, Served, serve
from tests.support.stranger import stranger

playwright = pytest.importorskip("playwright.async_api")
CHROMIUM = shutil.which("chromium")
STAYS_HOME = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost", "--no-sandbox"]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "chat.html").write_text("<!doctype html><title>The hub's page</title><p>page</p>")
    return tmp_path / "dist"


@pytest_asyncio.fixture
async def hub(settings: MainSettings, dist: Path) -> AsyncIterator[Served]:
    async with serve(settings.model_copy(update={"static_dir": dist})) as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """The port of somebody else's web server."""
    with stranger() as port:
        yield port


@pytest_asyncio.fixture
async def context() -> AsyncIterator["playwright.BrowserContext"]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt install chromium")
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=STAYS_HOME)
        yield await browser.new_context()
        await browser.close()


async def link(hub: Served) -> str:
    async with httpx.AsyncClient(base_url=hub.http, headers=AUTH) as client:
        return (await client.post("/login/links")).json()["url"]


async def session_status(page: "playwright.Page") -> int:
    return await page.evaluate("async () => (await fetch('/session')).status")


async def test_a_link_clicked_in_a_page_of_another_site_signs_in(
    hub: Served, elsewhere: int, context: "playwright.BrowserContext"
) -> None:
    """`localhost` and `127.0.0.1` are two sites. The strict cookie comes with the answer, and counts from then on."""
    page = await context.new_page()
    await page.goto(f"http://localhost:{elsewhere}/")
    await page.evaluate("to => { document.querySelector('#link').href = to }", await link(hub))
    await page.click("#link")
    await page.wait_for_url("**/chat.html")
    assert await page.title() == "The hub's page"
    assert await session_status(page) == 200
    [cookie] = await context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert await page.evaluate("document.cookie") == "", "no script can read it"
    await page.reload()
    assert await session_status(page) == 200
    signed_out = await page.evaluate("async () => (await fetch('/session', {method: 'DELETE'})).status")
    assert (signed_out, await session_status(page)) == (204, 401)
