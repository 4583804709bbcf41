"""The board under a person's hands: cards moved by mouse, finger and keys, filters in the address, commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible, login_link, shoot

MOVED = "/board/moves"


@pytest.fixture(scope="module")
def project(hub: LocalHub) -> Iterator[int]:
    """Ten cards in the backlog, of each priority one. What is begun by moving them ends with it."""
    project = hub.client.post("/projects", name="By hand", workspace_path="by-hand")["id"]
    for number in range(1, 11):
        kind = "bug" if number % 2 else "feature"
        hub.client.post("/tasks", project_id=project, title=f"Card {number}", kind=kind, priority=number)
    yield int(project)
    hub.client.delete(f"/projects/{project}?force=true")


@pytest.fixture
def board(signed_in: Page, hub: LocalHub, project: int) -> Iterator[Page]:
    signed_in.goto(f"{hub.client.url}/chat.html?project={project}")
    card(signed_in, "Card 9").wait_for()
    signed_in.locator("[data-movable]").wait_for()
    yield signed_in


def card(page: Page, title: str) -> Locator:
    return page.locator("[data-task]").filter(has=page.get_by_text(title, exact=True))


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


STILL = """async () => {
    const gliding = () => [...document.querySelectorAll("[data-glide]")].flatMap((card) => card.getAnimations());
    for (let moving = gliding(); moving.length > 0; moving = gliding())
        await Promise.allSettled(moving.map((each) => each.finished));
}"""


def stand_still(page: Page) -> None:
    """Waits until no card glides: whoever aims at one that does meets the place where it was."""
    page.evaluate(STILL)


def drag(page: Page, title: str, to: Locator) -> None:
    stand_still(page)
    start, end = card(page, title).bounding_box(), to.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 40, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 120, steps=8)
    expect(to).to_have_attribute("data-over", "true")


def test_a_card_is_dragged_and_what_the_hub_refuses_goes_back(
    board: Page, hub: LocalHub, project: int, shots: Path
) -> None:
    page = board
    drag(page, "Card 9", column(page, "PM"))
    shoot_held = shots / "board-held-light.png"
    page.screenshot(path=shoot_held)
    with page.expect_response(lambda answer: MOVED in answer.url) as moved:
        page.mouse.up()
    assert moved.value.ok, moved.value.text()
    expect(column(page, "PM").locator("[data-task]")).to_have_count(1)
    assert "task=" not in page.url, "a drag is no click"

    drag(page, "Card 8", column(page, "Done"))
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("nobody has proven it")
    dialog.get_by_role("button", name="Call it done").click()
    expect(page.get_by_text("its work is not merged").first).to_be_visible()
    expect(column(page, "Backlog").locator("[data-task]").filter(has_text="Card 8")).to_be_visible()


def test_a_card_is_moved_by_keys_and_said(board: Page, shots: Path) -> None:
    page = board
    card(page, "Card 7").focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, "Card 6")).to_be_focused()
    page.keyboard.press("Space")
    said = page.get_by_role("status").filter(has_text="is taken up")
    expect(said).to_contain_text("Backlog")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="Over DEV")).to_be_attached()
    expect(column(page, "DEV")).to_have_attribute("data-over", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("status").filter(has_text="stays where it was")).to_be_attached()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    with page.expect_response(lambda answer: MOVED in answer.url) as moved:
        page.keyboard.press("Space")
    assert moved.value.ok, moved.value.text()
    expect(column(page, "PM")).to_contain_text("Card 6")
    check_accessible(page)


def test_a_finger_that_rests_takes_a_card_along(browser: Browser, hub: LocalHub, project: int, shots: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(login_link(hub))
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    card(page, "Card 5").wait_for()
    page.locator("[data-movable]").wait_for()
    shoot(page, shots, "phone-board-cards")
    stand_still(page)
    start, end = card(page, "Card 5").bounding_box(), column(page, "PM").bounding_box()
    assert start and end
    x, y = start["x"] + 40, start["y"] + 20
    to = min(end["x"] + 20, 370)
    finger = context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(column(page, "Backlog")).to_have_attribute("data-over", "true")  # it rested long enough: it is held
    for step in range(1, 9):
        point = {"x": x + (to - x) * step / 8, "y": y + 5 * step}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    expect(page.locator("[data-over]:not([data-stage='backlog'])")).to_have_count(1)
    with page.expect_response(lambda answer: MOVED in answer.url) as moved:
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert moved.value.ok, moved.value.text()
    check_accessible(page)
    context.close()


def test_filters_stand_in_the_address(board: Page, shots: Path) -> None:
    page = board
    page.keyboard.press("/")
    page.keyboard.type("card 1")
    expect(page.get_by_role("status").filter(has_text="2 of 10")).to_be_visible()
    page.get_by_label("Kind").select_option("feature")
    expect(page.locator("[data-task]")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Text in a card")).to_have_value("card 1")
    expect(page.locator("[data-task]")).to_have_count(1)
    assert "text=card+1&kind=feature" in page.url
    page.get_by_role("button", name="Lanes by plan").click()
    expect(page.get_by_role("button", name="1 No plan")).to_have_attribute("aria-expanded", "true")
    shoot(page, shots, "board-lanes")
    check_accessible(page)
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("[data-task]")).to_have_count(10)


def test_commands_by_keys(board: Page, shots: Path) -> None:
    page = board
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Filter the cards")
    shoot(page, shots, "keys")
    check_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    field = palette.get_by_role("textbox")
    field.fill("Card 4")
    expect(palette).to_contain_text("Card 4")
    shoot(page, shots, "palette")
    check_accessible(page)
    field.fill("inbox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(card(page, "Card 4")).to_be_visible()


def test_a_part_that_cannot_be_loaded_fails_alone_and_is_tried_again(board: Page) -> None:
    page = board
    page.route("**/assets/Plans-*.js", lambda route: route.abort())
    page.get_by_role("navigation", name="Hub").get_by_role("link", name="Plans").click()
    alert = page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text("This part of the page could not be loaded.")
    expect(page.get_by_role("navigation", name="Hub")).to_be_visible()
    page.unroute("**/assets/Plans-*.js")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Plans")).to_be_visible()


def test_a_card_that_the_mouse_rests_on_tells_its_facts(board: Page, hub: LocalHub, project: int, shots: Path) -> None:
    page = board
    told = "Count the drawer, and say what is missing."
    task = hub.client.get("/tasks", project_id=project, text="Card 1", sort="id")[0]
    hub.client.patch(f"/tasks/{task['id']}", description=told, version=task["version"])
    hub.client.post(f"/tasks/{task['id']}/criteria", text="The sum is right")
    facts = page.get_by_role("tooltip")
    for _ in range(20):  # the part that tells comes when the browser has nothing else to do
        page.mouse.move(0, 0)
        card(page, "Card 1").hover()
        page.wait_for_timeout(1000)
        if facts.is_visible():
            break
    expect(facts).to_contain_text(told)
    expect(facts).to_contain_text("not started")
    expect(facts).to_contain_text("0 of 1 criterion met")
    check_accessible(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=shots / f"task-hover-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.keyboard.press("Escape")
    expect(facts).to_be_hidden()
    page.mouse.move(0, 0)
    card(page, "Card 2").hover()
    expect(facts).to_contain_text("Card 2")
    card(page, "Card 2").click()
    expect(page.get_by_role("complementary")).to_contain_text("Card 2")
    expect(facts).to_be_hidden()
