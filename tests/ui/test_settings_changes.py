"""Settings that say what they mean before they are saved, are moved by hand and by keys, and taken back by a click."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible
from tests.ui.studio_tasks import new_project, new_task

FIRST, SECOND, THIRD = "scripted/studio", "ollama/small:1b", "ollama/large:7b"


@pytest.fixture
def project(studio: LocalHub) -> dict[str, Any]:
    """The one whose settings are looked at: the first of the list."""
    listed = studio.client.get("/projects")
    return listed[0] if listed else studio.client.get(f"/projects/{new_project(studio, 'Settled')}")


def patch(hub: LocalHub, path: str, **body: Any) -> dict[str, Any]:
    token = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    answer = httpx.patch(f"{hub.client.url}{path}", headers=token, json=body)
    answer.raise_for_status()
    return answer.json()


def section(page: Page, hub: LocalHub, name: str, heading: str) -> None:
    page.goto(f"{hub.client.url}/chat.html?view=settings&section={name}")
    page.get_by_role("heading", name=heading, level=1).wait_for()


def expect_order(form: Locator, *models: str) -> None:
    boxes = form.get_by_label("Name of model", exact=False)
    expect(boxes).to_have_count(len(models))
    for at, model in enumerate(models):
        expect(boxes.nth(at)).to_have_value(model)


def kept(hub: LocalHub, project: dict[str, Any]) -> Any:
    return hub.client.get(f"/projects/{project['id']}")["settings"]["models"].get("dev")


def test_the_order_of_models_is_changed_by_hand_and_by_keys(
    at_studio: Page, studio: LocalHub, project: dict[str, Any]
) -> None:
    page = at_studio
    settings = {"models": {"default": FIRST, "dev": [FIRST, SECOND, THIRD]}}
    patch(studio, f"/projects/{project['id']}", version=project["version"], settings=settings)
    section(page, studio, "models", "Models and keys")
    part = page.get_by_role("region", name="A project's models")
    part.get_by_label("for", exact=True).select_option("dev")
    form = part.get_by_role("form", name="The order")
    expect(form.get_by_role("group", name="Model", exact=False)).to_have_count(3)
    form.get_by_role("group", name="Model 3").locator("[draggable]").drag_to(form.get_by_role("group", name="Model 1"))
    expect_order(form, THIRD, FIRST, SECOND)

    form.get_by_role("button", name="Ask model 3 sooner").focus()
    page.keyboard.press("Enter")
    expect_order(form, THIRD, SECOND, FIRST)
    expect(form.get_by_role("button", name="Ask model 2 sooner")).to_be_focused()
    expect(form.get_by_role("status")).to_have_text(f"{SECOND} is model 2 of 3 now.")
    page.keyboard.press("Enter")
    expect_order(form, SECOND, THIRD, FIRST)
    expect(form.get_by_role("button", name="Ask model 1 later")).to_be_focused()
    expect(form.get_by_text("those under way keep what they began with")).to_be_visible()
    expect(part.get_by_label("for", exact=True)).to_be_disabled()  # another's order would take this one's place
    check_accessible(page)
    assert kept(studio, project) == [FIRST, SECOND, THIRD]  # nothing before it is saved
    form.get_by_role("button", name="Save").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert kept(studio, project) == [SECOND, THIRD, FIRST]
    expect(part.get_by_label("for", exact=True)).to_be_enabled()
    undo.click()
    expect(page.get_by_text("As it was before.")).to_be_visible()
    assert kept(studio, project) == [FIRST, SECOND, THIRD]


def test_a_projects_budgets_are_saved_and_taken_back(
    at_studio: Page, studio: LocalHub, project: dict[str, Any]
) -> None:
    page = at_studio
    section(page, studio, "budgets", "Budgets")
    form = page.get_by_role("form", name=f"Budgets of {project['name']}")
    form.get_by_label("All of it, for ever").fill("12.5")
    form.get_by_label("One run of it").fill("0.75")
    expect(form.get_by_text("It holds from the next call on")).to_be_visible()
    form.get_by_role("button", name="Save").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    now = studio.client.get(f"/projects/{project['id']}")
    assert (now["budget_usd"], now["run_budget_usd"]) == (12.5, 0.75)
    undo.click()
    expect(page.get_by_text(f"{project['name']}'s budgets are as they were before.")).to_be_visible()
    now = studio.client.get(f"/projects/{project['id']}")
    assert (now["budget_usd"], now["run_budget_usd"]) == (None, None)


def test_todays_limit_is_saved_and_taken_back(at_studio: Page, studio: LocalHub) -> None:
    page = at_studio
    section(page, studio, "budgets", "Budgets")
    form = page.get_by_role("form", name="Today alone")
    money = form.get_by_label("Today alone")
    before = money.input_value()
    money.fill("1234.5")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Today's limit is as it was before.")).to_be_visible()
    expect(money).to_have_value(before)
    expect(form.get_by_role("button", name="Save")).to_be_hidden()


def test_notifications_say_what_they_mean_and_are_taken_back(at_studio: Page, studio: LocalHub) -> None:
    page = at_studio
    section(page, studio, "notifications", "Notifications")
    page.get_by_label("Webhook").fill("https://phone.example/ring")
    means = page.get_by_role("list", name="What it means")
    expect(means).to_contain_text("phone.example is called with the title and the text of each new item.")
    page.get_by_label("Or a command on the hub's machine").fill("/bin/true\n--loud")
    expect(means).to_contain_text("/bin/true is run on the hub's machine")
    check_accessible(page)
    assert studio.client.get("/notices/settings")["webhook_url"] == ""
    page.get_by_role("button", name="Keep").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    now = studio.client.get("/notices/settings")
    assert (now["webhook_url"], now["command"]) == ("https://phone.example/ring", ["/bin/true", "--loud"])
    undo.click()
    expect(page.get_by_text("As it was before.")).to_be_visible()
    now = studio.client.get("/notices/settings")
    assert (now["webhook_url"], now["command"]) == ("", [])
    expect(page.get_by_label("Webhook")).to_have_value("")


def test_a_role_is_previewed_on_a_chosen_task(at_studio: Page, studio: LocalHub, project: dict[str, Any]) -> None:
    page = at_studio
    task = new_task(studio, project["id"], "Count the coins twice", start=False)
    page.goto(f"{studio.client.url}/chat.html?view=roles&role=dev")
    part = page.get_by_role("region", name="Preview on a task")
    expect(part).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)  # what comes above pushes the field out of sight
    part.get_by_label("What it would be told of").fill("coins")
    page.get_by_role("option", name=f"{task['key']} Count the coins twice").click()
    expect(part).to_contain_text("tokens")
    expect(part).to_contain_text("Count the coins twice")
    check_accessible(page)


def test_the_token_is_told_how_to_be_changed_and_a_session_is_ended(
    at_studio: Page, studio: LocalHub, browser: Any
) -> None:
    page = at_studio
    other = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    second = other.new_page()
    second.goto(str(studio.client.post("/login/links")["url"]))
    second.get_by_role("navigation", name="Hub").wait_for()
    section(page, studio, "access", "Sessions and token")
    expect(page.get_by_text("wf token rotate", exact=True)).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Firefox on Linux")
    row.get_by_role("button", name="Sign out").click()
    expect(row).to_have_count(0)
    second.reload()
    expect(second.get_by_role("button", name="Sign in")).to_be_visible()
    other.close()


def test_what_was_begun_stays_when_another_saves(at_studio: Page, studio: LocalHub, project: dict[str, Any]) -> None:
    page, row = at_studio, f"/projects/{project['id']}"
    version = patch(studio, row, version=studio.client.get(row)["version"], budget_usd=5, run_budget_usd=1)["version"]
    section(page, studio, "budgets", "Budgets")
    form = page.get_by_role("form", name=f"Budgets of {project['name']}")
    form.get_by_label("All of it, for ever").fill("40")
    version = patch(studio, row, version=version, environment="Other words, of no matter here")["version"]
    patch(studio, row, version=version, run_budget_usd=2)
    expect(form.get_by_role("alert")).to_contain_text("It was changed meanwhile. Now: ")
    expect(form.get_by_label("All of it, for ever")).to_have_value("$40")
    check_accessible(page)
    form.get_by_role("button", name="Go on with mine").click()
    expect(form.get_by_label("One run of it")).to_have_value("$2")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    now = studio.client.get(row)
    assert (now["budget_usd"], now["run_budget_usd"]) == (40, 2)


def test_a_webhook_that_was_begun_stays_when_another_saves(at_studio: Page, studio: LocalHub) -> None:
    page, row = at_studio, "/notices/settings"
    section(page, studio, "notifications", "Notifications")
    form = page.get_by_role("main").locator("form").filter(has=page.get_by_role("textbox", name="Webhook"))
    webhook = form.get_by_role("textbox", name="Webhook")
    webhook.fill("http://127.0.0.1:9/mine")
    theirs = patch(studio, row, version=studio.client.get(row)["version"], webhook_url="http://127.0.0.1:9/theirs")
    expect(form.get_by_role("alert")).to_contain_text("http://127.0.0.1:9/theirs")
    expect(webhook).to_have_value("http://127.0.0.1:9/mine")
    expect(form.get_by_role("button", name="Keep")).to_be_disabled()
    form.get_by_role("button", name="Take the newer one").click()
    expect(webhook).to_have_value("http://127.0.0.1:9/theirs")
    patch(studio, row, version=theirs["version"], webhook_url="")
