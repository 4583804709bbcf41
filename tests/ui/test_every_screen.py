"""Every screen: nothing serious by axe-core in both schemes, no sideways scrolling on a phone; motion and keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import UNDERSTOOD, check_accessible, login_link
from tests.ui.studio_tasks import new_project, new_task, until

VIEWS = ("board", "inbox", "plans", "history", "roles", "principles", "import", "settings&section=trackers")
TABS = ("overview", "changes", "runs", "evidence", "talk", "history")
GLIDES = """() => {
  window.glided = 0;
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...how) { window.glided += 1; return animate.apply(this, how); };
}"""


@pytest.fixture(scope="module")
def project(studio: LocalHub) -> int:
    return new_project(studio, "Every screen")


@pytest.fixture(scope="module")
def waiting(studio: LocalHub, project: int) -> list[int]:
    """Two tasks whose change waits for a word."""
    tasks = [new_task(studio, project, f"Greet {who}") for who in ("the first", "the second")]
    return [until(studio, task, "waiting")["id"] for task in tasks]


@pytest.mark.aider
def test_every_screen_is_accessible_and_fits_a_phone(
    at_studio: Page, studio: LocalHub, project: int, waiting: list[int]
) -> None:
    page, start = at_studio, f"{studio.client.url}/chat.html?project={project}"
    places = [f"{start}&view={view}" for view in VIEWS] + [f"{start}&task={waiting[0]}&tab={tab}" for tab in TABS]
    for place in places:
        page.goto(place)
        page.locator("main h1").first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        check_accessible(page)
        wide = page.viewport_size
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, place
        page.set_viewport_size(wide or {"width": 1680, "height": 900})


@pytest.mark.aider
def test_the_inbox_is_gone_through_by_keys(at_studio: Page, studio: LocalHub, project: int, waiting: list[int]) -> None:
    page = at_studio
    page.goto(f"{studio.client.url}/chat.html?project={project}&view=inbox")
    first, second = page.locator("[data-item]").nth(0), page.locator("[data-item]").nth(1)
    expect(first).to_have_attribute("data-on", "true")
    expect(page.locator(".diff-code-insert").first).to_be_visible()
    page.keyboard.press("j")
    expect(second).to_have_attribute("data-on", "true")
    page.keyboard.press("k")
    expect(first).to_have_attribute("data-on", "true")
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="Several at once")).to_contain_text("1 chosen")
    page.keyboard.press("x")
    page.keyboard.press("c")
    expect(page.get_by_role("textbox", name="What should be different?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Your decision")).to_be_visible()


@pytest.mark.aider
def test_a_dialogs_escape_leaves_the_task_open(at_studio: Page, studio: LocalHub, waiting: list[int]) -> None:
    page = at_studio
    page.goto(f"{studio.client.url}/chat.html?task={waiting[0]}")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("group", name="Your decision")).to_be_visible()
    for key in ("?", "Control+k"):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog").locator(":focus")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(panel).to_be_visible()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_cards_glide_also_in_long_columns_unless_motion_is_not_wanted(
    page: Page, studio: LocalHub, motion: str
) -> None:
    project = new_project(studio, f"Long {motion}")
    tasks = [new_task(studio, project, f"Card {number}", start=False, priority=5) for number in range(45)]
    studio.client.post(f"/projects/{project}/pause")
    page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    page.goto(login_link(studio))
    page.goto(f"{studio.client.url}/chat.html?project={project}")
    page.locator(f"[data-task='{tasks[0]['key']}']").wait_for()
    page.evaluate(GLIDES)
    studio.client.post(f"/tasks/{tasks[0]['id']}/set-stage", stage="dev", note="")
    dev = page.get_by_role("region", name="DEV")
    expect(dev.locator(f"[data-task='{tasks[0]['key']}']")).to_be_visible()
    page.wait_for_timeout(400)
    glided = page.evaluate("window.glided")
    assert (glided == 0) if motion == "reduce" else (glided > 2), glided
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") != "smooth"


def test_two_workflows_share_one_board_in_an_order_that_is_eachs_own(page: Page, studio: LocalHub) -> None:
    project = new_project(studio, "Two ways")
    studio.client.post(f"/projects/{project}/pause")
    new_task(studio, project, "The short way", start=False)
    version = studio.client.get(f"/projects/{project}")["version"]
    studio.client.patch(f"/projects/{project}", version=version, workflow="software")
    for stage in ("pm", "dev", "qa", "sec", "docs"):
        task = new_task(studio, project, f"The long way at {stage}", start=False)
        studio.client.post(f"/tasks/{task['id']}/set-stage", stage=stage, note="")
    page.add_init_script(UNDERSTOOD)
    page.goto(login_link(studio))
    page.goto(f"{studio.client.url}/chat.html?project={project}")
    page.locator("[data-task]").last.wait_for()
    stages = page.locator("[data-stage]").evaluate_all("all => all.map(each => each.dataset.stage)")
    assert stages == ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "done"]
    request = page.get_by_role("form", name="Request")
    expect(page.get_by_text("This project is paused.")).to_be_visible()  # above it
    before = request.bounding_box()
    page.locator("[data-task]").last.scroll_into_view_if_needed()
    page.locator("[data-task]").last.click()
    page.get_by_role("complementary").wait_for()
    after = request.bounding_box()
    assert before and after and (before["x"], before["y"]) == (after["x"], after["y"])
