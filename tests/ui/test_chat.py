"""The chat by clicking and typing: work asked for and approved, questions answered from the record, commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.support.line import Line
from tests.support.local_hub import CHECKOUT, LocalHub, local_hub
from tests.ui.conftest import STORY_MS, WIDE, check_accessible, enter, login_link, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}
SCENARIO = CHECKOUT / "tests" / "support" / "scenarios" / "chat.yaml"


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    if not (CHECKOUT / "static" / "dist" / "chat.html").is_file():
        pytest.skip("the page is not built: cd static && npm ci --ignore-scripts && npm run build")
    with local_hub(tmp_path_factory.mktemp("chat") / "a hub", SCENARIO) as running:
        settings = {"models": {"default": "scripted/demo"}}
        running.client.post("/projects", name="Greeting", workspace_path="greeting", settings=settings)
        yield running


@pytest.fixture
def chat(page: Page, talking: LocalHub) -> Page:
    enter(page, talking)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.get_by_role("region", name=re.compile("Chat about")).wait_for()
    return page


def box_of(page: Page) -> Locator:
    return page.get_by_role("form", name="Write in the chat").locator("textarea").first


def test_work_is_asked_for_planned_changed_and_approved_in_the_thread(
    chat: Page, talking: LocalHub, shots: Path
) -> None:
    page, box = chat, box_of(chat)
    expect(page.get_by_role("button", name="What waits for me?")).to_be_visible()
    shoot(page, shots, "chat-empty")
    check_accessible(page)
    box.fill("A file that greets")
    page.reload()
    expect(box).to_have_value("A file that greets")
    box.press("End")
    box.press("Shift+Enter")
    box.type("whoever comes.")
    expect(page.get_by_role("radio", name="Request")).to_be_checked()
    box.press("Enter")
    expect(box).to_have_value("")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("A file that greets")
    expect(log.get_by_text("waits for you")).to_be_visible(timeout=STORY_MS)
    expect(log.get_by_role("heading", name="Create hello.txt")).to_be_visible()
    log.get_by_text("How the PM came to it").click()
    expect(page.get_by_role("textbox", name="Search in the output")).to_be_visible()
    shoot(page, shots, "chat-plan")
    check_accessible(page)
    log.get_by_role("button", name="Ask for changes").click()
    different = page.get_by_role("textbox", name="What should be different?")
    different.fill("Say it in two languages.")
    page.reload()
    expect(different).to_have_value("Say it in two languages.")
    log.get_by_role("button", name="Send to the PM").click()
    expect(log.get_by_role("heading", name="Create hello.txt in two languages")).to_be_visible(timeout=STORY_MS)
    log.get_by_role("button", name="Approve plan").click()
    expect(log).to_contain_text("approved, under way")
    assert len(talking.client.get("/tasks")) == 1


def test_a_task_is_asked_about_and_the_answer_leads_to_its_record(chat: Page, talking: LocalHub, shots: Path) -> None:
    page = chat
    (task,) = talking.client.get("/tasks")
    page.goto(f"{talking.client.url}/chat.html?view=chat&thread={task['id']}")
    box = box_of(page)
    box.fill("Why is it not done?")
    expect(page.get_by_role("radio", name="Question")).to_be_checked()
    box.press("Enter")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("This is the scripted model, no language model", timeout=STORY_MS)
    expect(log).to_contain_text("by scripted/demo, which plays a script")
    rests = log.get_by_role("list", name="What it rests on")
    expect(rests.get_by_role("listitem")).to_have_count(3)
    shoot(page, shots, "chat-task")
    check_accessible(page)
    rests.get_by_role("link").first.click()
    expect(page.get_by_role("complementary", name=re.compile(task["key"]))).to_be_visible()
    assert "view=chat" in page.url and f"task={task['id']}" in page.url
    page.go_back()

    box.press("ArrowUp")
    expect(box).to_have_value("Why is it not done?")
    expect(page.get_by_text("You edit your question")).to_be_visible()
    box.fill("What did it cost?")
    box.press("Enter")
    expect(log).to_contain_text("edited")
    expect(log).to_contain_text("cost", timeout=STORY_MS)
    expect(log.get_by_text("Why is it not done?")).to_have_count(0)


def test_an_answer_is_stopped_and_asked_for_again(chat: Page, shots: Path) -> None:
    page, box = chat, box_of(chat)
    box.fill("Please take your time: what waits for me?")
    box.press("Enter")
    log = page.get_by_role("log", name="Messages")
    expect(log.get_by_text("It was told to take its time")).to_be_visible(timeout=STORY_MS)
    expect(box).to_have_value("")
    page.screenshot(path=shots / "chat-coming-light.png")
    box.press("Escape")
    expect(log).to_contain_text("You stopped it.")
    expect(log).to_contain_text("stopped")
    log.get_by_role("button", name="Retry").last.click()
    expect(log.get_by_text("has the time to press the button")).to_be_visible(timeout=STORY_MS)
    expect(log).to_contain_text("Nothing of this rests on the record")


def test_commands_are_completed_told_and_asked_about_first(chat: Page, talking: LocalHub, shots: Path) -> None:
    page, box = chat, box_of(chat)
    box.fill("/")
    commands = page.get_by_role("listbox", name="Commands")
    expect(commands.get_by_role("option")).to_have_count(16)
    shoot(page, shots, "chat-commands")
    check_accessible(page)
    box.fill("/st")
    expect(commands.get_by_role("option", selected=True)).to_contain_text("/status")
    box.press("Tab")
    expect(box).to_have_value("/status")
    box.press("Enter")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Cost today: $0.00")
    box.fill("/frobnicate")
    box.press("Enter")
    expect(page.get_by_text("There is no command /frobnicate.")).to_be_visible()
    expect(box).to_have_value("/frobnicate")
    box.fill("/budget 3")
    box.press("Enter")
    log.get_by_role("button", name="Yes, do it").click()
    expect(log).to_contain_text("Today: $0.00 of $3.00")
    assert talking.client.get("/budgets")["today"]["limit_usd"] == 3.0
    box.fill("/tasks")
    box.press("Enter")
    (task,) = talking.client.get("/tasks")
    expect(log.get_by_role("link", name=task["key"]).last).to_be_visible()


def test_on_a_phone_and_without_the_hub(page: Page, talking: LocalHub, shots: Path) -> None:
    line = Line(int(talking.settings.environment["MAIN_API_PORT"]))
    try:
        page.set_viewport_size(PHONE)
        page.goto(login_link(talking).replace(talking.client.url, line.url))
        page.get_by_role("main").wait_for()
        page.goto(f"{line.url}/chat.html?view=chat")
        page.get_by_role("log", name="Messages").get_by_text("You said").first.wait_for()
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], widths
        shoot(page, shots, "phone-chat")
        check_accessible(page)
        page.get_by_role("button", name="Chats").click()
        expect(page.get_by_role("list", name="Chats")).to_be_visible()
        page.get_by_role("button", name="Chats").click()
        box = box_of(page)
        line.cut()
        box.fill("What waits for me?")
        box.press("Enter")
        expect(page.get_by_text("The hub does not answer.").first).to_be_visible()
        expect(box).to_have_value("What waits for me?")
        page.screenshot(path=shots / "phone-chat-away-light.png")
        line.mend()
        box.press("Enter")
        expect(box).to_have_value("", timeout=STORY_MS)
    finally:
        line.close()
        page.set_viewport_size(WIDE)
