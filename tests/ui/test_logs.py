"""The logs' page: followed, searched, paused, downloaded and cleared, with a live line and without one."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, WebSocketRoute, expect

from services.logs.rotation import Rotation
from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible, login_link, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}
LIVE_FEED = re.compile(r"/ws/logs/")


class Till:
    """A log of its own, in files that rotate, beside those of the hub's processes."""

    def __init__(self, folder: Path) -> None:
        self.rotation = Rotation(folder / "till.log", file_bytes=200_000, files=20)
        self.path = self.rotation.path

    def say(self, *events: str, level: str = "info", **fields: object) -> None:
        at = datetime.now(UTC).isoformat()
        lines = [json.dumps({"event": each, "level": level, "timestamp": at, **fields}) for each in events]
        self.write("".join(f"{line}\n" for line in lines).encode())

    def write(self, data: bytes) -> None:
        if self.path.exists() and self.path.stat().st_size > self.rotation.file_bytes:
            self.rotation.put_aside()
        with os.fdopen(self.rotation.open(), "ab") as file:
            file.write(data)


@pytest.fixture
def till(hub: LocalHub) -> Iterator[Till]:
    made = Till(hub.settings.logs)
    made.say("the till opens", drawer=1)
    yield made
    for each in hub.settings.logs.glob("*till.log*"):
        each.unlink()


@pytest.fixture
def logs(signed_in: Page, till: Till) -> Page:
    page = signed_in
    page.get_by_role("navigation", name="Hub").get_by_role("link", name="Logs").click()
    page.get_by_role("tab", name="till").click()
    expect(lines(page)).to_contain_text("the till opens")
    return page


def lines(page: Page):
    return page.get_by_role("log")


def state(page: Page):
    return page.get_by_role("region", name=re.compile("^Log of")).get_by_role("status")


def level(page: Page, name: str):
    return page.get_by_role("group", name=re.compile("^Levels")).get_by_text(name, exact=True)


def test_each_process_has_a_tab_and_is_read_by_keys(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_title("Logs · Workflow Hub")
    for name in ("main-api", "orchestrator", "agent-api", "Scripted model", "Ollama HTTP"):
        expect(page.get_by_role("tab", name=re.compile(rf"^{name} "))).to_be_visible()
    expect(state(page)).to_have_text("Live")
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("log=orchestrator"))
    expect(page.get_by_role("tab", name="orchestrator")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("p")
    expect(state(page)).to_contain_text("Paused")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search in the log of orchestrator")).to_be_focused()
    page.keyboard.type("no such words anywhere")
    expect(lines(page)).to_contain_text("No line fits.")
    check_accessible(page)


def test_lines_come_live_and_unfold(logs: Page, till: Till, shots: Path) -> None:
    page = logs
    expect(state(page)).to_have_text("Live")
    for number in range(40):
        till.say(f"receipt {number}", level="debug" if number % 3 else "info", total="3.00", sold=["tea", "bread"])
    till.say("no paper", level="warning", left=2)
    till.say("the drawer is stuck", level="error", why="Traceback (most recent call last):\n  File till.py\nOSError")
    row = page.get_by_role("button", name=re.compile("the drawer is stuck"))
    expect(row).to_be_visible()
    row.click()
    expect(row).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("definition").filter(has_text="OSError")).to_be_visible()
    shoot(page, shots, "logs")
    check_accessible(page)
    page.set_viewport_size(PHONE)
    shoot(page, shots, "logs-phone")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_a_line_holds_stays_text(logs: Page, till: Till) -> None:
    page = logs
    till.say("<img src=x onerror=alert(1)>", why="<script>alert(2)</script>")
    till.write(b"\x1b[31mred \x07 \xff not utf-8\n{broken json\n")
    expect(lines(page)).to_contain_text("<img src=x onerror=alert(1)>")
    expect(lines(page)).to_contain_text("␛[31mred ␇ \\xff not utf-8")
    expect(lines(page)).to_contain_text("{broken json")
    assert page.locator("[role=log] img, [role=log] script").count() == 0


def test_a_search_reaches_the_files_that_rotated_away(logs: Page, till: Till) -> None:
    page = logs
    till.say("the needle lies here", level="error")
    for _ in range(12):
        till.say(*(f"hay {number}" for number in range(1_000)))
    assert till.rotation.numbered(3).exists()
    page.get_by_role("textbox", name="Search in the log of till").fill("NEEDLE")
    expect(lines(page)).to_contain_text("the needle lies here")
    expect(lines(page).locator("mark")).to_have_text("needle")
    expect(lines(page)).not_to_contain_text("hay")
    till.say("a second needle")
    expect(lines(page)).to_contain_text("a second needle")
    level(page, "Error").click()
    expect(lines(page)).not_to_contain_text("a second needle")
    expect(lines(page)).to_contain_text("the needle lies here")
    page.get_by_role("textbox", name="Search in the log of till").fill("")
    level(page, "Error").click()
    page.get_by_role("combobox", name="Time").select_option("Last 15 minutes")
    expect(state(page)).to_have_text("the last 300 lines of that time")


def test_paused_it_loses_nothing_and_says_what_it_skipped(logs: Page, till: Till, shots: Path) -> None:
    page = logs
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(state(page)).to_contain_text("Paused. Nothing is lost")
    till.say(*(f"sale {number:04d}" for number in range(3_000)))
    page.wait_for_timeout(500)
    before = lines(page).inner_text()
    page.wait_for_timeout(500)
    assert lines(page).inner_text() == before
    page.get_by_role("button", name="Go on").click()
    expect(lines(page)).to_contain_text("sale 2999")
    lines(page).evaluate("box => box.scrollTo(0, 0)")
    gap = lines(page).get_by_text(re.compile(r"[\d,]+ lines between are not shown"))
    expect(gap.first).to_be_visible()
    shoot(page, shots, "logs-skipped")
    gap.first.get_by_role("button", name="Show them").click()
    expect(lines(page)).to_contain_text(re.compile("sale 0[01]"))
    page.get_by_role("button", name="Follow").click()
    expect(lines(page)).to_contain_text("sale 2999")


def test_without_a_live_line_it_asks_and_says_so(page: Page, hub: LocalHub, till: Till, shots: Path) -> None:
    def refuse(socket: WebSocketRoute) -> None:
        socket.close()

    page.route_web_socket(LIVE_FEED, refuse)
    page.add_init_script(
        """const Real = WebSocket;
        window.WebSocket = class extends Real {
          constructor(url, protocols) { super(String(url).replace("/ws/logs/", "/ws/nothing/"), protocols); }
        };"""
    )
    page.goto(login_link(hub))
    page.get_by_role("navigation", name="Hub").wait_for()
    page.goto(f"{hub.settings.main_api_url}/chat.html?view=logs&log=till")
    expect(state(page)).to_have_text("Asked each second: a live line can't be had.")
    till.say("heard all the same")
    expect(lines(page)).to_contain_text("heard all the same")
    shoot(page, shots, "logs-polling")


def test_a_log_is_downloaded_and_cleared(logs: Page, till: Till, hub: LocalHub, shots: Path) -> None:
    page = logs
    token = hub.settings.environment["WFHUB_TOKEN"]
    till.say(*(f"sale {number}" for number in range(5_000)))
    till.say("with the token", token=token)
    expect(lines(page)).to_contain_text("[redacted:WFHUB_TOKEN]")
    with page.expect_download() as saving:
        page.get_by_role("link", name="Download").click()
    assert saving.value.suggested_filename == "till.log"
    text = Path(saving.value.path()).read_text()
    assert "the till opens" in text and text.count('"sale ') == 5_000 and token not in text
    page.get_by_role("button", name="Clear …").click()
    dialog = page.get_by_role("dialog", name="Throw the log of till away?")
    expect(dialog).to_contain_text("can't be brought back")
    shoot(page, shots, "logs-clear")
    check_accessible(page)
    dialog.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text(re.compile("The log of till is empty"))).to_be_visible()
    expect(lines(page)).to_contain_text("Nothing was written yet.")
    till.say("a new day")
    expect(lines(page)).to_contain_text("a new day")
    event = hub.client.get("/history", kind="log")["items"][0]
    assert (event["kind"], event["about"]["name"]) == ("log.cleared", "till")


def test_a_hub_that_is_away_is_told_and_found_again(logs: Page, till: Till) -> None:
    page = logs
    expect(state(page)).to_have_text("Live")
    page.context.set_offline(True)
    page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    page.context.set_offline(False)
    till.say("back again")
    expect(lines(page)).to_contain_text("back again")
