"""Settings in the page: saved with what they mean, taken back by one click; late saves show both; keys stay hidden."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import WIDE, check_accessible, enter, login_link, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}
SLOW = """
  const post = MessagePort.prototype.postMessage;  // by which React waits for its turn
  MessagePort.prototype.postMessage = function (...words) { setTimeout(() => post.apply(this, words), 60); };
"""
KEY = "sk-lab-51f0c2d7a94e"
SECTIONS = [
    ("Models and keys", "models"), ("Budgets", "budgets"), ("The team", "team"), ("Workflows", "workflows"),
    ("Notifications", "notifications"), ("Appearance", "look"), ("Sessions and token", "access"),
    ("What was changed", "changes"),
]  # fmt: skip


class Models(BaseHTTPRequestHandler):
    """Lists two models to who brings the key."""

    def do_GET(self) -> None:
        good = self.headers.get("Authorization") == f"Bearer {KEY}"
        body = {"data": [{"id": "small"}, {"id": "large"}]} if good else {"error": {"message": "bad key"}}
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def lab() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(signed_in: Page) -> Page:
    signed_in.get_by_role("link", name="Settings").click()
    signed_in.get_by_role("heading", name="Models and keys").wait_for()
    return signed_in


def send(hub: LocalHub, method: str, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    answer = httpx.request(method, f"{hub.client.url}{path}", headers=headers, json=body or None)
    answer.raise_for_status()
    return answer.json()


def now(hub: LocalHub, name: str) -> Any:
    return next(one["value"] for one in hub.client.get("/settings")["settings"] if one["name"] == name)


def test_a_setting_says_what_it_means_is_saved_and_taken_back(settings: Page, hub: LocalHub) -> None:
    page = settings
    page.get_by_role("link", name="The team").click()
    row = page.get_by_role("form", name="Stages begin by themselves")
    row.get_by_role("switch").press("Space")
    expect(row.get_by_role("switch")).not_to_be_checked()
    expect(row.get_by_text("it decides whether the next one begins by itself")).to_be_visible()
    assert now(hub, "auto_trigger_agents") is True  # nothing before it is saved
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_text("set here; AUTO_TRIGGER_AGENTS says on")).to_be_visible()
    assert now(hub, "auto_trigger_agents") is False
    page.get_by_role("button", name="Undo").click()
    expect(row.get_by_role("switch")).to_be_checked()
    assert now(hub, "auto_trigger_agents") is True


def test_who_is_late_sees_both_and_chooses(settings: Page, hub: LocalHub) -> None:
    page = settings
    page.get_by_role("link", name="Budgets").click()
    row = page.get_by_role("form", name="One run")
    row.get_by_role("textbox").fill("2")
    version = hub.client.get("/settings")["version"]
    send(hub, "PATCH", "/settings", version=version, run_budget_usd=7)
    note = row.get_by_role("alert")
    expect(note).to_contain_text("Now: $7. Yours, not saved: $2.")
    note.get_by_role("button", name="Go on with mine").click()
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_text("set here")).to_be_visible()
    assert now(hub, "run_budget_usd") == 2
    row.get_by_role("button", name="Back to .env").click()
    expect(row.get_by_text("the default; RUN_BUDGET_USD is not set")).to_be_visible()


def test_a_provider_is_added_tested_and_revoked(settings: Page, hub: LocalHub, lab: str, shots: Path) -> None:
    page = settings
    page.get_by_role("button", name="Add an address").click()
    form = page.get_by_role("form", name="Add an address")
    form.get_by_label("Name").fill("lab")
    form.get_by_label("Address").fill(lab)
    form.get_by_role("button", name="Only test").click()
    expect(form.get_by_text("lab refused the call with 401")).to_be_visible()
    form.get_by_label("Key", exact=True).fill(KEY)
    form.get_by_role("button", name="Save and test").click()
    row = page.get_by_role("region", name="Provider lab")
    expect(row.get_by_text("a key is kept, encrypted")).to_be_visible()
    row.get_by_role("button", name="Test lab").click()
    expect(row.get_by_text("lab answers, with 2 models.")).to_be_visible()
    expect(form).to_be_hidden()
    assert KEY not in page.content()
    role = hub.client.get("/roles/qa")
    send(hub, "PUT", "/roles/qa/models", version=role["version"], models=["lab/small", "scripted/demo"])
    page.reload()
    row.get_by_text("One choice names its models").click()
    expect(row.get_by_text("role qa (lab/small)")).to_be_visible()
    shoot(page, shots, "settings-models")
    check_accessible(page)
    row.get_by_role("button", name="Revoke lab").click()
    dialog = page.get_by_role("dialog", name="Take lab away?")
    expect(dialog.get_by_text("role qa (lab/small)")).to_be_visible()
    dialog.get_by_role("button", name="Take it away all the same").click()
    expect(row).to_have_count(0)
    send(hub, "PUT", "/roles/qa/models", version=role["version"] + 1, models=role["models"])


def at_line(editor: Locator, words: str) -> None:
    """It is drawn, for End to know where it ends, and read as YAML, for Enter to know how far to set in."""
    line = editor.locator(".cm-activeLine")
    expect(line).to_have_text(words)
    expect(line.locator("span").first).to_be_attached()


def test_a_workflow_is_written_checked_saved_and_taken_back(settings: Page, hub: LocalHub, shots: Path) -> None:
    page = settings
    page.get_by_role("link", name="Workflows").click()
    page.get_by_role("link", name="Quick fix").click()
    editor = page.get_by_role("textbox", name="The workflow's YAML")
    stages = page.get_by_role("region", name="Stages", exact=True)
    expect(stages.get_by_text("back to DEV when it fails").first).to_be_visible()
    stages.get_by_role("button", name="QA").click()
    at_line(editor, "- name: qa")
    page.keyboard.press("End")
    page.keyboard.type("\ngaet: {}")
    status = page.get_by_role("status", name="The check")
    expect(status).to_contain_text("did you mean")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    shoot(page, shots, "settings-workflow-fault")
    for _ in range(len("\ngaet: {}")):
        page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    editor.evaluate("node => node.scrollIntoView()")
    before = hub.client.get("/workflows/quickfix")
    stages.get_by_role("button", name="Backlog").click()
    at_line(editor, "- name: backlog")
    page.keyboard.press("End")
    page.keyboard.type("\nnext_steps: DEV takes it.")
    expect(status).to_contain_text("The hub can use it")
    page.reload()  # what was begun is still there
    expect(page.get_by_text("No open task goes through it.")).to_be_visible()
    page.get_by_role("button", name=f"Save as version {before['version'] + 1}").click()
    expect(page.get_by_text(f"Saved as version {before['version'] + 1}.")).to_be_visible()
    assert "DEV takes it." in hub.client.get("/workflows/quickfix")["source"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is taken back")).to_be_visible()
    after = hub.client.get("/workflows/quickfix")
    assert (after["source"], after["version"]) == (before["source"], before["version"] + 2)
    shoot(page, shots, "settings-workflow")
    check_accessible(page)


def test_a_workflow_saved_meanwhile_is_shown_beside_ones_own(settings: Page, hub: LocalHub) -> None:
    page = settings
    page.get_by_role("link", name="Workflows").click()
    page.get_by_role("link", name="Research").click()
    editor = page.get_by_role("textbox", name="The workflow's YAML")
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# mine\n")
    expect(page.get_by_role("button", name="Drop my changes")).to_be_visible()
    source = hub.client.get("/workflows/research")["source"]
    send(hub, "POST", "/workflows", source=f"# theirs\n{source}", file="research.yaml")
    note = page.get_by_role("alert").filter(has_text="was saved meanwhile")
    note.get_by_text("Version 2", exact=True).click()
    expect(note.locator("pre")).to_contain_text("# theirs")
    note.get_by_role("button", name="Take the newer one").click()
    expect(editor).to_contain_text("# theirs")


def test_what_is_written_while_a_workflow_is_saved_stays(settings: Page, hub: LocalHub) -> None:
    page = settings
    before = hub.client.get("/workflows/research")
    page.get_by_role("link", name="Workflows").click()
    page.get_by_role("link", name="Research").click()
    editor = page.get_by_role("textbox", name="The workflow's YAML")
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# first\n")
    held: list[Route] = []
    page.route(
        "**/workflows", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/workflows")):
        page.get_by_role("button", name=f"Save as version {before['version'] + 1}").click()
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# later\n")
    held[0].continue_()
    expect(page.get_by_role("button", name=f"Save as version {before['version'] + 2}")).to_be_visible()
    expect(editor).to_contain_text("# later")
    expect(page.get_by_text("was saved meanwhile")).to_be_hidden()
    assert hub.client.get("/workflows/research")["source"] == f"# first\n{before['source']}"
    page.reload()
    expect(editor).to_contain_text("# later")
    page.get_by_role("button", name="Drop my changes").click()


def test_no_key_is_lost_where_the_page_is_slow(page: Page, hub: LocalHub) -> None:
    page.add_init_script(SLOW)
    enter(page, hub)
    page.goto(f"{hub.client.url}/chat.html?view=settings&section=workflows&workflow=research")
    editor = page.get_by_role("textbox", name="The workflow's YAML")
    editor.click()
    page.keyboard.press("Control+Home")
    words = "# whoever types fast, and long, finds each letter of it again"
    page.keyboard.type(f"{words}\n", delay=15)
    expect(editor.locator(".cm-line").first).to_have_text(words)
    expect(page.get_by_role("status").filter(has_text="The hub can use it")).to_be_visible()
    expect(editor.locator(".cm-line").first).to_have_text(words)
    page.get_by_role("button", name="Drop my changes").click()


def test_every_section_is_for_everybody(settings: Page, hub: LocalHub, shots: Path) -> None:
    page = settings
    for words, name in SECTIONS:
        page.get_by_role("navigation", name="Settings").get_by_role("link", name=words).click()
        page.get_by_role("heading", name=words, level=1).wait_for()
        page.wait_for_timeout(300)
        check_accessible(page)
        shoot(page, shots, f"settings-{name}")
        page.set_viewport_size(PHONE)
        widths = page.evaluate("[document.querySelector('main').scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], (name, widths)
        shoot(page, shots, f"phone-settings-{name}")
        page.set_viewport_size(WIDE)


def test_the_look_is_kept_and_other_browsers_are_signed_out(settings: Page, hub: LocalHub, browser: Any) -> None:
    page = settings
    page.get_by_role("link", name="Appearance").click()
    page.get_by_text("Roomy", exact=True).click()
    page.get_by_text("Reduced", exact=True).click()
    page.get_by_label("Dates").select_option("de")
    page.reload()
    assert page.evaluate("({...document.documentElement.dataset})")["density"] == "roomy"
    expect(page.get_by_text("As in: 31.12.2026")).to_be_visible()
    other = browser.new_context()
    second = other.new_page()
    second.goto(login_link(hub))
    second.get_by_role("navigation", name="Hub").wait_for()
    page.get_by_role("link", name="Sessions and token").click()
    browsers = page.get_by_role("list", name="Browsers that are signed in")
    expect(browsers.get_by_text("this one")).to_have_count(1)
    page.get_by_role("button", name="Sign all others out").click()
    expect(browsers.get_by_role("listitem")).to_have_count(1)
    other.close()
