"""A board of more cards than a page reads: pieces as one scrolls, the hub's own counts, lanes, and news of one card."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible, shoot

CARDS = 150


@pytest.fixture(scope="module")
def project(hub: LocalHub) -> Iterator[int]:
    project = hub.client.post("/projects", name="Long", workspace_path="long")["id"]
    for number in range(1, CARDS + 1):
        hub.client.post(
            "/tasks", project_id=project, title=f"Card n{number}", kind="bug" if number > 140 else "feature"
        )
    yield int(project)
    hub.client.delete(f"/projects/{project}?force=true")


@pytest.fixture
def asked(signed_in: Page, hub: LocalHub, project: int) -> Iterator[list[str]]:
    """What the page asked of the board since it stood there."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "/board" in request.url:
            found.append(request.url.split("/board", 1)[1])

    signed_in.on("request", note)
    signed_in.goto(f"{hub.client.url}/chat.html?project={project}")
    signed_in.locator("[data-task]").first.wait_for()
    signed_in.locator("[data-movable]").wait_for()
    yield found


def test_a_long_column_is_read_as_it_is_scrolled(signed_in: Page, asked: list[str], shots: Path) -> None:
    page = signed_in
    backlog = page.get_by_role("region", name=f"Backlog, {CARDS}")
    expect(backlog.get_by_role("heading")).to_contain_text(str(CARDS))
    expect(page.get_by_text("Card n150", exact=True)).to_have_count(0)
    assert not [path for path in asked if path.startswith("/columns/")], "nothing is read that nobody looks at"
    asked.clear()
    backlog.locator("[data-scroller]").evaluate("box => box.scrollTo({ top: box.scrollHeight })")
    last = page.get_by_text("Card n150", exact=True)
    expect(last).to_be_attached()
    backlog.locator("[data-scroller]").evaluate("box => box.scrollTo({ top: box.scrollHeight })")
    expect(last).to_be_in_viewport()
    assert all(path.startswith("/columns/") for path in asked), asked
    shoot(page, shots, "board-long")
    check_accessible(page)


def test_a_filter_finds_what_was_never_read(signed_in: Page, asked: list[str]) -> None:
    page = signed_in
    page.get_by_label("Text in a card").fill("n149")
    expect(page.locator("[data-task]")).to_have_count(1)
    expect(page.get_by_role("search").get_by_role("status")).to_have_text(f"1 of {CARDS}")
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Kind").select_option("bug")
    expect(page.get_by_role("search").get_by_role("status")).to_have_text(f"10 of {CARDS}")
    expect(page.get_by_role("heading", name="Backlog")).to_contain_text(str(CARDS))
    page.get_by_label("Text in a card").fill("nowhere")
    expect(page.get_by_text("No card is like that.")).to_be_visible()


def test_news_read_the_card_they_name_and_no_other(
    signed_in: Page, hub: LocalHub, project: int, asked: list[str]
) -> None:
    page = signed_in
    task = hub.client.get("/tasks", project_id=project, text="n3", sort="id", limit=1)[0]
    page.wait_for_timeout(500)
    asked.clear()
    hub.client.patch(f"/tasks/{task['id']}", version=task["version"], title="Called otherwise")
    expect(page.get_by_text("Called otherwise")).to_be_visible()
    assert asked and all(f"task={task['id']}" in path for path in asked), asked
    made = hub.client.post("/tasks", project_id=project, title="The most urgent", priority=10)
    expect(page.locator("[data-stage='backlog'] [data-task]").first).to_have_attribute("data-task", made["key"])
    expect(page.get_by_role("region", name=f"Backlog, {CARDS + 1}")).to_be_visible()
    hub.client.delete(f"/tasks/{made['id']}")
    expect(page.get_by_role("region", name=f"Backlog, {CARDS}")).to_be_visible()


def test_a_piece_that_cannot_be_read_is_said_and_read_again(signed_in: Page, asked: list[str]) -> None:
    page = signed_in
    page.route("**/board/columns/**", lambda route: route.abort())
    box = page.locator("[data-stage='backlog'] [data-scroller]")
    box.evaluate("box => box.scrollTo({ top: box.scrollHeight })")
    trouble = page.get_by_role("alert").filter(has_text="The hub does not answer.")
    expect(trouble).to_be_attached()
    page.unroute("**/board/columns/**")
    trouble.get_by_role("button", name="Read on").click()
    expect(page.get_by_text("Card n150", exact=True)).to_be_attached()


def test_lanes_have_counts_of_their_own(signed_in: Page, asked: list[str], shots: Path) -> None:
    page = signed_in
    page.get_by_role("button", name="Lanes by plan").click()
    lane = page.get_by_role("region", name="No plan")
    expect(lane.get_by_role("button", expanded=True)).to_contain_text(str(CARDS))
    expect(lane.locator("[data-task]").first).to_be_visible()
    assert any("/lanes" in path for path in asked) and any("plan_id=0" in path for path in asked)
    shoot(page, shots, "board-lanes-long")
    lane.get_by_role("button", expanded=True).click()
    expect(lane.locator("[data-task]")).to_have_count(0)
