"""A run under a person's hands: followed, told something, paused, resumed, killed, run again, its task moved."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS, check_accessible, shoot
from tests.ui.studio_tasks import new_project, new_task, open_task, until

pytestmark = pytest.mark.aider


@pytest.fixture
def at_work(studio: LocalHub) -> Iterator[dict[str, Any]]:
    """A task whose agent waits for its model for longer than the test takes."""
    project = new_project(studio, "Thinking")
    task = new_task(studio, project, "Think long about it", start=False)
    yield task
    studio.client.delete(f"/projects/{project}?force=true")


def clock(panel: Locator) -> str:
    """What the run's row says of its time."""
    return panel.get_by_role("list", name="Runs and waits").get_by_role("link", name="DEV").inner_text().split("\n")[-1]


def test_a_run_is_followed_told_paused_resumed_killed_and_begun_anew(
    at_studio: Page, studio: LocalHub, at_work: dict[str, Any], shots: Path
) -> None:
    page = at_studio
    panel = open_task(page, studio, at_work)
    panel.get_by_role("button", name="Start", exact=True).click()
    expect(panel.get_by_role("status").filter(has_text="DEV")).to_be_visible(timeout=STORY_MS)
    until(studio, at_work, "running")
    panel.get_by_role("tab", name="Runs").click()
    expect(panel.get_by_role("log", name="Output of DEV")).to_be_visible()
    panel.get_by_role("button", name="Tell the agent").click()
    panel.get_by_role("textbox", name="Tell the agent").fill("Think of the cost, too.")
    panel.get_by_role("button", name="Tell it").click()
    expect(panel.get_by_role("region", name="Tell the agent")).to_contain_text("Think of the cost, too.")

    panel.get_by_role("button", name="Pause", exact=True).first.click()
    expect(panel.get_by_role("status").filter(has_text="paused")).to_be_visible(timeout=STORY_MS)
    expect(panel.get_by_text(re.compile("stopped|ends its turn|stands still")).first).to_be_visible(timeout=STORY_MS)
    page.wait_for_timeout(1_500)
    stood = clock(panel)
    page.wait_for_timeout(3_000)
    assert clock(panel) == stood, "the time for which it stands still counts for nothing"
    shoot(page, shots, "paused-run")
    check_accessible(page)
    panel.get_by_role("button", name="Resume", exact=True).first.click()
    expect(panel.get_by_role("button", name="Kill", exact=True).first).to_be_visible()

    panel.get_by_role("button", name="Kill", exact=True).first.click()
    panel.get_by_role("button", name="Kill it: its work is lost").first.click()
    again = panel.get_by_role("button", name="Run again")
    expect(again).to_be_visible(timeout=STORY_MS)
    expect(panel.get_by_role("list", name="Runs and waits")).to_contain_text("killed")
    again.click()
    expect(panel.get_by_role("list", name="Runs and waits").get_by_role("link", name="DEV, try 2")).to_be_visible(
        timeout=STORY_MS
    )

    panel.get_by_role("button", name="More to do with the task").click()
    page.get_by_role("menuitem", name="Move to another stage").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Backlog").check()
    expect(dialog).to_contain_text("The run at work is stopped")
    dialog.get_by_role("button", name="Move it").click()
    expect(panel.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=STORY_MS)
    panel.get_by_role("tab", name="History").click()
    expect(panel).to_contain_text("moved it to BACKLOG")


def test_what_a_run_said_is_folded_searched_and_copied(at_studio: Page, studio: LocalHub) -> None:
    page = at_studio
    task = until(studio, new_task(studio, new_project(studio, "Said"), "Greet by output"), "waiting")
    panel = open_task(page, studio, task, "runs")
    log = panel.get_by_role("log", name="Output of DEV")
    expect(log).to_contain_text("greeting/hello.py")
    panel.get_by_role("button", name="Unfold").click()
    expect(log).to_contain_text("@@")
    panel.get_by_role("button", name="Fold", exact=True).click()
    expect(log).not_to_contain_text("@@")
    panel.get_by_role("textbox", name="Search in the output").fill("greeting")
    expect(panel.get_by_role("status").filter(has_text=re.compile(r"^\d+ found"))).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("button", name="Copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('greeting/hello.py'))")


def test_everything_is_paused_by_one_button_and_resumed_by_the_same(at_studio: Page, studio: LocalHub) -> None:
    page = at_studio
    page.get_by_role("button", name="Pause all").click()
    expect(page.get_by_text("Everything is paused.").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Resume"))).to_have_count(1)
    check_accessible(page)
    page.get_by_role("button", name="Resume all").click()
    expect(page.get_by_role("button", name="Pause all")).to_be_visible()


def test_a_project_is_given_a_deploy_command_and_what_it_may_reach(
    at_studio: Page, studio: LocalHub, shots: Path
) -> None:
    page, project = at_studio, new_project(studio, "Deployed")
    page.goto(f"{studio.client.url}/chat.html?project={project}")
    page.get_by_role("button", name="Project: Deployed").click()
    page.get_by_role("menuitem", name="Deploys").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Give it a deploy command").click()
    dialog.get_by_role("textbox", name="Deploy command").fill("make deploy")
    dialog.get_by_role("button", name="Store a new one").click()
    dialog.get_by_role("textbox", name="Of whom").fill("site")
    dialog.get_by_role("textbox", name="What", exact=True).fill("token")
    dialog.get_by_label("Value").fill("not for anybody's eyes")
    dialog.get_by_role("button", name="Store it").click()
    expect(dialog.get_by_text("Name the variable that holds site/token.")).to_be_visible()
    dialog.get_by_role("textbox", name="Variable of secret 1").fill("SITE_TOKEN")
    dialog.get_by_role("textbox", name="Folders it may write").fill("srv/site")
    shoot(page, shots, "deploy-grants")
    check_accessible(page)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("no plain absolute path")
    dialog.get_by_role("textbox", name="Folders it may write").fill("/srv/site")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("button", name="Deploy now")).to_be_visible()
    granted = studio.client.get(f"/projects/{project}")["settings"]["deploy"]
    assert granted == {"command": "make deploy", "secrets": {"SITE_TOKEN": "site/token"}, "paths": ["/srv/site"]}
    assert "not for anybody" not in page.content()
