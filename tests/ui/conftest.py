"""The page in a real browser against a real hub."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect, sync_playwright

from tests.support.local_hub import CHECKOUT, LocalHub, local_hub

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
STAYS_HOME = [
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    "--disable-background-networking",
    "--no-first-run",
    "--no-sandbox",
]
expect.set_options(timeout=15_000)
AXE = CHECKOUT / "static" / "node_modules" / "axe-core" / "axe.min.js"
STORY_MS = 1_000 * int(os.environ.get("UI_STORY_SECONDS", "300"))  # what agents may take for a story
UNDERSTOOD = "sessionStorage.setItem('wfhub.scripted.understood', 'yes')"  # that models are scripted
WIDE: ViewportSize = {"width": 1680, "height": 900}

SHORT = """\
name: short
title: Short
start: dev
rounds: 1
stages:
  - {name: backlog, title: Backlog, wip: 1000}
  - name: dev
    title: DEV
    role: dev
    steps: [{executor: aider, name: edit}]
    gate: {changes_required: true, max_files: 10}
  - name: deploy
    title: DEPLOY
    role: cicd
    on_fail: dev
    steps: [{executor: human, name: approval}, {executor: merge, name: merge}]
    gate: {merged: true}
  - {name: done, title: Done, wip: 1000}
"""
"""A workflow of one agent and one person."""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    if not (CHECKOUT / "static" / "dist" / "chat.html").is_file():
        pytest.skip("the page is not built: cd static && npm ci --ignore-scripts && npm run build")
    with local_hub(tmp_path_factory.mktemp("ui") / "a hub") as running:
        yield running


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """A hub whose agents are quick: one stage of theirs, then a person's word."""
    scenario = CHECKOUT / "tests" / "support" / "scenarios" / "studio.yaml"
    with local_hub(tmp_path_factory.mktemp("studio") / "hub", scenario) as running:
        running.client.post("/workflows", source=SHORT, file="short.yaml")
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).is_file():
        pytest.skip("there is no Chromium: apt install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=STAYS_HOME)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Fails the test when the page reports an error of its own; a refused call is part of some stories."""
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    context.set_default_timeout(15_000)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda line: faults.append(line.text) if _is_fault(line.type, line.text) else None)
    yield context
    context.close()
    assert not faults, faults


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """What the page showed when the test failed stands in the report: on CI nobody was there to look."""
    report: Any = yield
    context = getattr(item, "funcargs", {}).get("context")
    if report.when == "call" and report.failed and context is not None:
        for page in context.pages:
            report.sections.append((f"the page at {page.url}", _seen(page)))
    return report


def _seen(page: Page) -> str:
    try:
        return page.locator("body").aria_snapshot(timeout=5_000)
    except Error as error:
        return f"can't be looked at: {error}"


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def signed_in(page: Page, hub: LocalHub) -> Page:
    enter(page, hub)
    return page


@pytest.fixture
def at_studio(page: Page, studio: LocalHub) -> Page:
    """Its models are scripted, which was understood."""
    page.add_init_script(UNDERSTOOD)
    enter(page, studio)
    return page


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("UI_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def login_link(hub: LocalHub) -> str:
    return str(hub.client.post("/login/links")["url"])


def enter(page: Page, hub: LocalHub) -> None:
    """Until the page hears keys, too: it takes its title when it does."""
    page.goto(login_link(hub))
    page.get_by_role("navigation", name="Hub").wait_for()
    expect(page).to_have_title(re.compile("· Workflow Hub$"))


def shoot(page: Page, folder: Path, name: str) -> None:
    """Light and dark at the width it has."""
    page.mouse.move(0, 0)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(250)
        page.screenshot(path=folder / f"{name}-{scheme}.png")
    page.emulate_media(color_scheme="light")


def check_accessible(page: Page) -> None:
    """No serious fault by axe-core's rules, in both schemes."""
    assert AXE.is_file(), "axe-core is not there: cd static && npm ci --ignore-scripts"
    source = AXE.read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        page.evaluate(f"if (!window.axe) {{ {source} }}")
        found: list[dict[str, Any]] = page.evaluate("axe.run(document).then(result => result.violations)")
        bad = [
            f"{scheme} {fault['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]
        assert not bad, "\n".join(bad)
    page.emulate_media(color_scheme="light")


def _is_fault(kind: str, text: str) -> bool:
    return kind == "error" and "Failed to load resource" not in text and "WebSocket connection" not in text
