"""Signing in by a link that was clicked elsewhere, in a real browser. What others may try is in tests/attacks."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from main_api.settings import MainSettings
from tests.api.conftest import AUTH, Served, serve
from tests.support.stranger import stranger

playwright = pytest.importorskip("playwright.async_api")
CHROMIUM = shutil.which("chromium")
TRIES = 40
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
async def browser() -> AsyncIterator["playwright.Browser"]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt install chromium")
    async with playwright.async_playwright() as started:
        launched = await started.chromium.launch(executable_path=CHROMIUM, args=STAYS_HOME)
        yield launched
        await launched.close()


Story = Callable[["playwright.BrowserContext"], Awaitable[None]]


async def undisturbed(browser: "playwright.Browser", story: Story) -> None:
    """Chromium drops its connections when a network interface comes or goes, as those of containers in other tests do:
    then, and only then, the story is told from its beginning."""
    dropped: list[str] = []
    for _ in range(TRIES):
        dropped.clear()
        context = await browser.new_context()
        context.on("requestfailed", lambda request: dropped.append(request.failure or ""))
        try:
            return await story(context)
        except (playwright.Error, AssertionError):
            if not any("ERR_NETWORK_CHANGED" in why for why in dropped):
                raise
        finally:
            await context.close()
    raise AssertionError("the machine's networks did not come to rest")


async def link(hub: Served) -> str:
    async with httpx.AsyncClient(base_url=hub.http, headers=AUTH) as client:
        return (await client.post("/login/links")).json()["url"]


async def session_status(page: "playwright.Page") -> int:
    return await page.evaluate("async () => (await fetch('/session')).status")


async def test_a_link_clicked_in_a_page_of_another_site_signs_in(
    hub: Served, elsewhere: int, browser: "playwright.Browser"
) -> None:
    """`localhost` and `127.0.0.1` are two sites. The strict cookie comes with the answer, and counts from then on."""

    async def story(context: "playwright.BrowserContext") -> None:
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

    await undisturbed(browser, story)
