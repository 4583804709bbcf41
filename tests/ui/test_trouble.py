"""What the page says and does when the line is cut, the session is over, or a link leads nowhere."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, WebSocket, expect

from tests.support.line import Line
from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS, check_accessible, login_link, shoot

NOTE = "Reconnecting"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
HOLD_PICTURES = """
  const real = window.createImageBitmap;
  const held = new Promise(resolve => { window.goOn = resolve; });
  window.createImageBitmap = async (...given) => { await held; return real(...given); };
"""


@pytest.fixture
def line(hub: LocalHub) -> Iterator[Line]:
    line = Line(hub.settings.main_api_port)
    yield line
    line.close()


@pytest.fixture
def project(hub: LocalHub) -> int:
    existing = [one for one in hub.client.get("/projects") if one["name"] == "Trouble"]
    return int(
        (existing[0] if existing else hub.client.post("/projects", name="Trouble", workspace_path="trouble"))["id"]
    )


def through(line: Line, hub: LocalHub, page: Page, project: int) -> None:
    page.goto(login_link(hub).replace(hub.client.url, line.url))
    page.goto(f"{line.url}/chat.html?project={project}")
    page.get_by_role("navigation", name="Hub").wait_for()


def make_task(hub: LocalHub, project: int, title: str) -> str:
    return str(hub.client.post("/tasks", project_id=project, title=title)["key"])


def test_a_cut_line_is_said_and_what_was_missed_is_caught_up(
    page: Page, hub: LocalHub, line: Line, project: int, shots: Path
) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda opened: sockets.append(opened))  # Playwright cannot take a built-in
    through(line, hub, page, project)
    before = make_task(hub, project, "Seen live")
    page.locator(f"[data-task='{before}']").wait_for()

    line.cut()
    expect(page.get_by_text(NOTE)).to_be_visible()
    shoot(page, shots, "reconnecting")
    missed = make_task(hub, project, "Made while the line was cut")
    page.wait_for_timeout(1_500)
    expect(page.locator(f"[data-task='{missed}']")).to_be_hidden()
    expect(page.locator(f"[data-task='{before}']")).to_be_visible()

    line.mend()
    page.locator(f"[data-task='{missed}']").wait_for()
    expect(page.get_by_text(NOTE)).to_be_hidden()
    assert "after=" in sockets[-1].url


def test_a_refused_action_says_that_the_hub_is_away_and_keeps_the_words(
    page: Page, hub: LocalHub, line: Line, project: int
) -> None:
    through(line, hub, page, project)
    box = page.get_by_role("textbox", name="What should the team do next?")
    box.wait_for()
    line.cut()
    box.fill("Make it rounder")
    box.press("Enter")
    expect(page.get_by_text("The hub does not answer.")).to_be_visible()
    expect(box).to_have_value("Make it rounder")
    line.mend()
    page.reload()
    expect(page.get_by_role("textbox", name="What should the team do next?")).to_have_value("Make it rounder")


def test_back_after_hours_it_takes_the_news_only_and_reads_all_anew(
    page: Page, hub: LocalHub, line: Line, project: int
) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda opened: sockets.append(opened))  # Playwright cannot take a built-in
    page.clock.install()
    through(line, hub, page, project)
    line.cut()
    page.get_by_text(NOTE).wait_for()
    slept = make_task(hub, project, "Made while the laptop slept")
    line.mend()
    page.clock.fast_forward("03:00:00")
    page.locator(f"[data-task='{slept}']").wait_for()
    expect(page.get_by_text(NOTE)).to_be_hidden()
    assert "after=" not in sockets[-1].url


def test_a_session_that_is_over_leads_to_the_sign_in_with_a_sentence_and_back(
    page: Page, hub: LocalHub, line: Line, project: int, shots: Path
) -> None:
    through(line, hub, page, project)
    key = make_task(hub, project, "Still open tomorrow")
    page.locator(f"[data-task='{key}']").click()
    page.get_by_text("It is not split into parts.").wait_for()  # the panel's parts are loaded
    place = page.url
    page.get_by_role("navigation", name="Hub").get_by_role("button", name="New project").click()
    folder = page.get_by_role("textbox", name="Folder of the workspace")
    folder.fill("typed before")
    page.context.clear_cookies()
    line.cut()
    line.mend()
    expect(page.get_by_text("the session is over")).to_be_visible()
    expect(folder).to_be_hidden()
    check_accessible(page)
    token = page.get_by_role("textbox", name="Or paste the token")
    token.fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That is not this hub's token.")).to_be_visible()
    token.fill(hub.settings.environment["WFHUB_TOKEN"])
    page.get_by_role("button", name="Sign in").click()
    expect(folder).to_have_value("typed before")
    page.get_by_role("dialog", name="New project").get_by_role("button", name="Cancel").click()
    page.get_by_role("complementary", name=f"Task {key}").wait_for()
    assert page.url == place
    after = make_task(hub, project, "Made after the sign-in")
    page.locator(f"[data-task='{after}']").wait_for()  # the line stands again


def test_a_link_opens_the_hub_once(page: Page, hub: LocalHub, shots: Path) -> None:
    link = login_link(hub)
    page.goto(link)
    page.get_by_role("navigation", name="Hub").wait_for()
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_text("That link was used already")).to_be_visible()
    shoot(page, shots, "sign-in")


def test_an_address_that_names_no_task_or_project(signed_in: Page, hub: LocalHub, project: int, shots: Path) -> None:
    page, start = signed_in, f"{hub.client.url}/chat.html"
    page.goto(f"{start}?project={project}&task=99999")
    panel = page.get_by_role("complementary", name="Task")
    expect(panel.get_by_role("alert")).to_contain_text("There is no task with id 99999")
    expect(panel).to_contain_text("The board shows what there is.")
    shoot(page, shots, "unknown-task")
    check_accessible(page)
    panel.get_by_role("button", name="Close the task").click()
    expect(panel).to_be_hidden()
    page.goto(f"{start}?project=99999")
    expect(page.get_by_text("There is no such project")).to_be_visible()
    page.goto(f"{start}?view=plans&plan=99999")
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("There is no plan with id 99999")
    page.goto(f"{start}?view=nonsense&task=<script>")
    expect(page.get_by_role("heading", name="Board")).to_be_attached()


def test_a_request_that_no_model_can_answer_says_why_and_what_to_do(
    signed_in: Page, hub: LocalHub, shots: Path
) -> None:
    page = signed_in
    settings = {"models": {"default": "scripted/nobody"}}
    project = hub.client.post("/projects", name="No model", workspace_path="no-model", settings=settings)["id"]
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    box = page.get_by_role("textbox", name="What should the team do next?")
    box.fill("Make the buttons rounder")
    box.press("Enter")
    under_way = page.get_by_role("list", name="Requests under way")
    expect(under_way).to_contain_text("No plan", timeout=STORY_MS)
    shoot(page, shots, "request-failed")
    page.get_by_role("navigation", name="Hub").get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("main")).to_contain_text("no plan came of it")
    shoot(page, shots, "inbox-failed")
    page.get_by_role("link", name="Ask in other words").click()
    expect(box).to_have_value("Make the buttons rounder")


def test_a_request_that_is_sent_while_one_looks_elsewhere_is_sent_once(
    signed_in: Page, hub: LocalHub, project: int
) -> None:
    page = signed_in
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    box = page.get_by_role("textbox", name="What should the team do next?")
    box.fill("Make the corners rounder")
    held: list[Route] = []
    page.route("**/requests", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    box.press("Enter")
    expect(box).to_have_attribute("readonly", "")
    nav = page.get_by_role("navigation", name="Hub")
    nav.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()
    with page.expect_response("**/requests"):
        held[0].continue_()
    nav.get_by_role("link", name="Board").click()
    expect(box).to_have_value("")
    asked = [one for one in hub.client.get("/requests") if one["text"] == "Make the corners rounder"]
    assert len(asked) == 1


def test_a_picture_that_is_still_made_smaller_goes_along(signed_in: Page, hub: LocalHub, project: int) -> None:
    page = signed_in
    page.add_init_script(HOLD_PICTURES)
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    form = page.get_by_role("form", name="Request")
    box = form.get_by_role("textbox", name="What should the team do next?")
    box.fill("Make it look like this")
    form.locator("input[type=file]").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": DOT})
    expect(form.get_by_role("status")).to_have_text("A file is made ready…")
    box.press("Enter")
    expect(form.get_by_role("button", name="sending")).to_be_visible()
    page.evaluate("goOn()")
    expect(box).to_have_value("")
    expect(form.get_by_role("list", name="Files that go along")).to_be_hidden()
    asked = max(one["id"] for one in hub.client.get("/requests") if one["text"] == "Make it look like this")
    (sent,) = hub.client.get(f"/requests/{asked}")["attachments"]
    assert sent["name"] == "dot.png"


def test_a_project_is_made_and_a_bad_folder_is_told(signed_in: Page, hub: LocalHub, project: int, shots: Path) -> None:
    page = signed_in
    page.get_by_role("navigation", name="Hub").get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    folder = dialog.get_by_role("textbox", name="Folder of the workspace")
    folder.fill("../../etc")
    dialog.get_by_role("button", name="Look at it").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    page.wait_for_timeout(300)
    shoot(page, shots, "new-project")
    check_accessible(page)
    folder.fill("bakery")
    dialog.get_by_role("button", name="Look at it").click()
    dialog.get_by_role("button", name="Back").click()
    expect(folder).to_have_value("bakery")
    dialog.get_by_role("button", name="Look at it").click()
    dialog.get_by_role("textbox", name="Name").fill("Bakery")
    dialog.get_by_role("button", name="Create project").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Project: Bakery")).to_be_visible()
    expect(page.get_by_text("No task yet.")).to_be_visible()


def test_what_comes_from_outside_is_text(signed_in: Page, hub: LocalHub, project: int) -> None:
    page = signed_in
    words = "<img src=x onerror=\"document.title='owned'\"> **bold**"
    key = make_task(hub, project, words)
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    card = page.locator(f"[data-task='{key}']")
    expect(card).to_contain_text("<img src=x")
    card.click()
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    assert page.title() != "owned"


def test_what_agents_and_tickets_say_runs_nothing_and_calls_nobody(
    signed_in: Page, hub: LocalHub, project: int
) -> None:
    """Markdown of a comment, which may come from a model or an outside ticket."""
    page = signed_in
    evil = (
        "<script>document.title='owned'</script><svg onload=\"document.title='owned'\">\n\n"
        "[look](javascript:document.title='owned') [data](data:text/html,<script>1</script>) "
        "![spy](http://spy.example/pixel.png) <iframe src='http://spy.example/'></iframe> [fine](https://fine.example/)"
    )
    task = hub.client.post("/tasks", project_id=project, title="A ticket from outside", description=evil)
    hub.client.post(f"/tasks/{task['id']}/comments", body=evil)
    hub.client.post(f"/tasks/{task['id']}/criteria", text=evil, check=evil)
    hub.client.post(f"/tasks/{task['id']}/update-context", notes=[evil])
    hub.client.post("/tasks", project_id=project, title=evil, parent_id=task["id"], blocked_by=[task["id"]])
    hub.client.post(f"/tasks/{task['id']}/handoffs", to_stage="dev", summary=evil, data={"decisions": [evil]})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    page.locator(f"[data-task='{task['key']}']").click()
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    expect(panel.get_by_role("group", name="Tasks before and after").get_by_role("link")).to_have_count(2)
    for tab in ("Changes", "Runs", "Evidence", "History", "Overview"):
        panel.get_by_role("tab", name=tab).click()
        if tab == "Runs":
            panel.get_by_text("What the next agent is told").click()
            expect(panel.get_by_role("region", name="Notes for the next agent")).to_contain_text("onload")
        expect(panel).to_contain_text("A ticket from outside")
        assert panel.locator("script, iframe, [onload], [onerror], img[src^='http']").count() == 0, tab
    page.get_by_role("tab", name="Talk").click()
    comment = page.locator("[data-author]").first
    expect(comment.get_by_role("link", name="fine")).to_have_attribute("href", "https://fine.example/")
    expect(comment).to_contain_text("look")
    assert comment.locator("img, script, iframe, svg").count() == 0
    assert [href for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
            if href.startswith(("javascript:", "data:"))] == []  # fmt: skip
    assert page.title() != "owned"
    assert [url for url in asked if not url.startswith(hub.client.url)] == []


def test_a_task_is_changed_where_it_stands_and_no_words_are_lost(
    signed_in: Page, hub: LocalHub, project: int, shots: Path
) -> None:
    """Against another's words both texts are kept; another field's change is no reason to ask."""
    page = signed_in
    task = hub.client.post("/tasks", project_id=project, title="Round it", description="first")
    row = f"/tasks/{task['id']}"

    def meanwhile(**changes: object) -> None:
        hub.client.patch(row, **changes, version=hub.client.get(row)["version"])

    page.goto(f"{hub.client.url}/chat.html?project={project}&task={task['id']}")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    panel.get_by_role("button", name="Edit description").click()
    panel.get_by_role("textbox", name="Description").fill("mine")
    meanwhile(description="theirs")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("alert")).to_contain_text("theirs")
    expect(panel.get_by_role("textbox", name="Description")).to_have_value("mine")
    shoot(page, shots, "edit-conflict")
    check_accessible(page)
    panel.get_by_role("button", name="Save mine over it").click()
    expect(panel.get_by_role("button", name="Edit description")).to_be_visible()
    assert hub.client.get(row)["description"] == "mine"

    panel.get_by_role("button", name="Edit title").click()
    meanwhile(priority=9)
    panel.get_by_role("textbox", name="Title").fill("Round it half even")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="Round it half even")).to_be_visible()
    assert hub.client.get(row)["priority"] == 9

    panel.get_by_role("button", name="Add a subtask").click()
    page.keyboard.type("The cents first")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("link", name="The cents first")).to_be_visible()


def test_a_criterion_that_another_changed_keeps_both_texts(signed_in: Page, hub: LocalHub, project: int) -> None:
    page = signed_in
    task = hub.client.post("/tasks", project_id=project, title="Round it well")
    row = f"/tasks/{task['id']}/criteria"
    made = hub.client.post(row, text="first")
    page.goto(f"{hub.client.url}/chat.html?project={project}&task={task['id']}")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    panel.get_by_role("button", name="Your word on: first").click()
    page.get_by_role("menuitem", name="Edit").click()
    field = panel.get_by_role("textbox", name="What holds when the task is done")
    field.fill("mine")
    hub.client.patch(f"{row}/{made['id']}", version=made["version"], text="theirs")
    page.wait_for_timeout(600)  # the page knows the newer one by now, and must not write over it unasked
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("alert")).to_contain_text("theirs")
    expect(field).to_have_value("mine")
    assert hub.client.get(row)[0]["text"] == "theirs"
    panel.get_by_role("button", name="Save mine over it").click()
    expect(panel.get_by_role("button", name="Your word on: mine")).to_be_visible()
    assert hub.client.get(row)[0]["text"] == "mine"
