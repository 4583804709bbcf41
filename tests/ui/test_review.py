"""A change is read, commented by its lines, mended and merged; or rejected with a reason."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS, check_accessible, shoot
from tests.ui.studio_tasks import new_project, new_task, open_task, until

pytestmark = pytest.mark.aider
WORDS = "Spell it with two l, please."


@pytest.fixture(scope="module")
def project(studio: LocalHub) -> int:
    return new_project(studio, "Greetings")


@pytest.fixture(scope="module")
def change(studio: LocalHub, project: int) -> dict[str, Any]:
    """A task whose change waits for a word."""
    task = new_task(studio, project, "Greet whoever comes", description="By their name.")
    return until(studio, task, "waiting")


def note(panel: Locator) -> Locator:
    return panel.locator("[data-note]").filter(has_text=WORDS)


def of_file(panel: Locator, path: str) -> Locator:
    return panel.get_by_role("region", name=path, exact=True)


def test_the_change_is_read_by_files_and_keys(at_studio: Page, studio: LocalHub, change: dict[str, Any]) -> None:
    page = at_studio
    panel = open_task(page, studio, change, "changes")
    tree = panel.get_by_role("navigation", name="Changed files")
    expect(tree.get_by_role("link")).to_have_count(4)
    expect(panel.locator(".diff-code-insert").first).to_be_visible()

    lock = of_file(panel, "package-lock.json")
    expect(lock.get_by_role("button", name="package-lock.json")).to_have_attribute("aria-expanded", "false")
    lock.get_by_role("button", name="package-lock.json").click()
    expect(lock.locator(".diff-code-insert")).to_be_visible()

    viewed = panel.get_by_role("checkbox", name="Viewed: docs/greeting.md")
    viewed.check()
    expect(of_file(panel, "docs/greeting.md").locator(".diff-code-insert")).to_be_hidden()
    page.reload()
    expect(viewed).to_be_checked()
    expect(panel.get_by_text("1 viewed")).to_be_visible()

    panel.focus()
    for key, file in (("j", "docs"), ("j", "greeting%2F__init__.py"), ("j", "greeting%2Fhello.py"), ("k", "__init__")):
        page.keyboard.press(key)
        page.wait_for_url(f"**file=*{file}*")
    tree.get_by_role("link", name="hello.py").click()
    page.wait_for_url("**file=greeting%2Fhello.py*")


def test_the_two_sides_stand_beside_each_other_and_the_width_is_remembered(
    at_studio: Page, studio: LocalHub, change: dict[str, Any], shots: Path
) -> None:
    page = at_studio
    panel = open_task(page, studio, change, "changes")
    panel.get_by_role("button", name="Read it wide").click()
    sides = panel.get_by_role("radiogroup", name="How the two sides stand")
    sides.get_by_text("Side by side").click()
    expect(panel.locator("table.diff-split").first).to_be_visible()
    check_accessible(page)
    shoot(page, shots, "split")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.locator(f"[data-task='{change['key']}']").click()
    expect(panel.locator("table.diff-split").first).to_be_visible()
    sides.get_by_text("One column").click()
    expect(panel.locator("table.diff-unified").first).to_be_visible()
    panel.get_by_role("button", name="The whole width").click()
    page.keyboard.press("Escape")
    page.locator(f"[data-task='{change['key']}']").click()
    expect(panel.get_by_role("button", name="The whole width")).to_have_attribute("aria-pressed", "false")


def test_a_comment_on_a_line_is_mended_and_the_change_merged(
    at_studio: Page, studio: LocalHub, change: dict[str, Any], shots: Path
) -> None:
    page = at_studio
    panel = open_task(page, studio, change, "changes")
    expect(panel.get_by_role("region", name="What was proven")).to_contain_text("merges cleanly onto main")
    expect(panel.get_by_role("button", name="Reject")).to_have_count(1)

    hello = of_file(panel, "greeting/hello.py")
    hello.locator("td.diff-gutter[data-change-key='I2']").last.click()
    box = panel.get_by_role("textbox", name="What about line 2?")
    box.fill(WORDS)
    check_accessible(page)
    box.press("Control+Enter")
    expect(note(panel)).to_contain_text("not sent yet")
    page.reload()
    expect(note(panel)).to_contain_text("not sent yet")
    panel.focus()
    page.keyboard.press("n")
    expect(note(panel)).to_be_focused()
    shoot(page, shots, "comment")

    panel.get_by_role("button", name="Decide, and send them").click()
    decision = panel.get_by_role("group", name="Your decision")
    expect(decision.get_by_role("button", name="Approve and merge")).to_be_focused()
    page.keyboard.press("c")
    asked = panel.get_by_role("region", name="Your decision")
    expect(asked).to_contain_text("DEV gets 1 comment to mend")
    asked.get_by_role("button", name="Send to DEV").click()

    expect(panel.get_by_text("DEPLOY: waits for your approval · round 2")).to_be_visible(timeout=STORY_MS)
    panel.get_by_role("tab", name="Changes").click()
    expect(note(panel)).to_contain_text("mended")
    expect(of_file(panel, "greeting/hello.py")).to_contain_text('return "Hello, " + name')
    shoot(page, shots, "comment-mended")
    panel.get_by_role("tab", name="Evidence").click()
    expect(panel.get_by_role("region", name="Findings")).to_contain_text(WORDS)

    panel.get_by_role("button", name="Approve and merge").click()
    dialog = page.get_by_role("dialog", name=f"Merge {change['key']} onto main?")
    dialog.get_by_role("textbox", name="A note, if you like").fill("Well done.")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(panel).to_contain_text("merged as", timeout=STORY_MS)
    workspace = Path(studio.client.get(f"/projects/{change['project_id']}")["workspace_path"])
    assert "Hello" in (workspace / "greeting" / "hello.py").read_text()


def test_a_rejection_keeps_its_reason(at_studio: Page, studio: LocalHub, project: int) -> None:
    page = at_studio
    task = until(studio, new_task(studio, project, "Greet nobody"), "waiting")
    panel = open_task(page, studio, task)
    expect(panel.get_by_role("button", name="Approve and merge")).to_be_visible()
    panel.focus()
    page.keyboard.press("r")
    why = panel.get_by_role("textbox", name="Why not?")
    expect(why).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel.get_by_role("button", name="Approve and merge")).to_be_focused()
    page.keyboard.press("r")
    why.fill("Nobody comes.")
    panel.get_by_role("button", name="Reject and cancel the task").click()
    expect(panel.get_by_role("status").filter(has_text="cancelled")).to_contain_text("Nobody comes.")
    panel.get_by_role("tab", name="Talk").click()
    expect(panel.locator("[data-author]").filter(has_text="Nobody comes.")).to_be_visible()
