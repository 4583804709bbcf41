"""Who works in the page: an agent with its job and its cage, the list of runs with its filters, how one is stopped."""

import re
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS, WIDE, check_accessible, shoot
from tests.ui.studio_tasks import new_project, new_task, until

PHONE: ViewportSize = {"width": 390, "height": 844}


def test_an_agent_and_its_run_are_seen_found_paused_and_killed(at_studio: Page, studio: LocalHub, shots: Path) -> None:
    page = at_studio
    project = new_project(studio, "Who works")
    task = until(studio, new_task(studio, project, "Think long about coins"), "running")
    nav = page.get_by_role("navigation", name="Hub")
    nav.get_by_role("link", name="Agents").click()
    agent = page.get_by_role("article", name=re.compile("^Agent "))
    expect(agent).to_contain_text("there")
    expect(agent).to_contain_text("Cage")
    job = agent.get_by_role("list", name="What it does now").get_by_role("link", name=re.compile(task["key"]))
    expect(job).to_be_visible(timeout=STORY_MS)
    check_accessible(page)
    shoot(page, shots, "agents")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(WIDE)
    job.click()
    expect(page.get_by_role("complementary", name=f"Task {task['key']}")).to_be_visible()

    page.goto(f"{studio.client.url}/chat.html?project={project}&view=runs")
    table = page.get_by_role("table")
    expect(table).to_contain_text("Think long about coins")
    page.get_by_role("textbox", name="Task", exact=True).fill("no such task")
    expect(page.get_by_text("No run is like this. Take a filter away.")).to_be_visible()
    expect(page).to_have_url(re.compile("text=no"))
    page.get_by_role("button", name="All runs").click()
    expect(table).to_contain_text("Think long about coins")
    page.get_by_role("textbox", name="Task", exact=True).press_sequentially("no such task")
    page.get_by_role("button", name="All runs").click()  # before what was typed is asked for
    page.wait_for_timeout(600)
    expect(page.get_by_role("textbox", name="Task", exact=True)).to_have_value("")
    assert "text=" not in page.url
    page.get_by_role("combobox", name="Stage").click()
    expect(page.get_by_role("option", name="dev", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    check_accessible(page)
    shoot(page, shots, "runs-list")
    table.get_by_role("button", name="Pause").click()
    expect(table.get_by_role("button", name="Resume")).to_be_visible(timeout=STORY_MS)
    table.get_by_role("button", name=f"Kill DEV of {task['key']}").click()
    dialog = page.get_by_role("dialog", name=f"Kill DEV of {task['key']}?")
    expect(dialog).to_contain_text("thrown away")
    dialog.get_by_role("button", name="Kill it").click()
    expect(table).to_contain_text(re.compile("cancelled|killed"), timeout=STORY_MS)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    check_accessible(page)
    shoot(page, shots, "runs-list-phone")
