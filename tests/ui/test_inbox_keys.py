"""The inbox by keys alone: an item of each kind, its evidence, the decision, the next; and a question in its thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.domain.states import PlanState, RequestState, TaskState
from services.roles.read import newest_workflow
from services.store.database import Database
from services.store.models import Project
from tests.support import factories as make
from tests.support import rows_to_decide as rows
from tests.support.local_hub import LocalHub, local_hub
from tests.ui.conftest import UNDERSTOOD, check_accessible, enter, login_link
from tests.ui.test_budgets import stop_for_money

Maker = Callable[[Any, Project], Awaitable[dict[str, Any]]]
REASONS = ("conflict", "rounds", "stall", "workspace")
MAKERS: dict[str, Maker] = {
    "plan": rows.a_plan,
    "approval": rows.an_approval,
    "question": rows.a_question,
    "request": rows.a_failed_request,
    "deploy": rows.a_failed_deploy,
    "push": rows.a_refused_push,
}


async def rows_of_each_kind(url: str) -> int:
    """As a hub leaves them whose agents did all they could; answers the task whose budget is to be used up."""
    database = Database(url)
    async with database.write() as session:
        workflow = (await newest_workflow(session, "software")).id
        project = await make.make_project(session, workflow_id=workflow, name="Each kind")
        for maker in MAKERS.values():
            await maker(session, project)
        for reason in REASONS:
            waits = {"waiting_reason": reason, "waiting_sentence": f"It waits: {reason}."}
            await rows.a_task(session, project, stage="dev", state=TaskState.WAITING, **waits)
        dear = (await make.make_task(session, project, title="Too dear", stage="dev")).id
    await database.close()
    return dear


async def an_old_plan(url: str, newer: int) -> dict[str, Any]:
    """It waits while `newer` ones came and were approved."""
    database = Database(url)
    async with database.write() as session:
        project = await make.make_project(session, workflow_id=(await newest_workflow(session, "software")).id)
        state, old = RequestState.PLANNED, "What was asked long ago."
        plan = await make.make_plan(session, await make.make_request(session, project, state=state, text=old))
        for _ in range(newer):
            request = await make.make_request(session, project, state=state)
            await make.make_plan(session, request, state=PlanState.APPROVED)
    await database.close()
    return {"project_id": project.id, "plan_id": plan.id}


async def one_question(url: str) -> dict[str, Any]:
    database = Database(url)
    async with database.write() as session:
        workflow = (await newest_workflow(session, "software")).id
        at = await rows.a_question(session, await make.make_project(session, workflow_id=workflow))
    await database.close()
    return at


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Nobody takes up what is decided."""
    with local_hub(tmp_path_factory.mktemp("keys") / "a hub", without=("orchestrator", "agent-api")) as hub:
        yield hub


def done_in_a_thread(call: Callable[..., Any], *args: Any) -> Any:
    with ThreadPoolExecutor(1) as thread:  # Playwright has this one's loop
        return thread.submit(asyncio.run, call(*args)).result()


def confirmed(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.get_by_role("region", name="Your decision").locator("button:focus")).to_be_visible()
    page.keyboard.press("Enter")


def answered(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.get_by_role("textbox", name="Your answer to: Which?")).to_be_focused()
    page.keyboard.type("The first.")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.get_by_role("textbox", name="Your answer to: Which?")).to_have_value("The first.")
    page.keyboard.press("Control+Enter")


def raised(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.get_by_role("textbox", name="May cost, in US dollars")).to_be_focused()
    page.keyboard.press("Enter")


def rejected(page: Page) -> None:
    page.keyboard.press("r")
    expect(page.get_by_role("region", name="Your decision").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Not like this.")
    page.keyboard.press("Control+Enter")


def pushed(page: Page) -> None:
    again = page.get_by_role("button", name="Push again")
    expect(again).to_be_visible()  # it comes when it is looked at
    page.keyboard.press("a")
    expect(again).to_be_focused()
    page.keyboard.press("Enter")


ACTS = dict.fromkeys(("plan", "request", "deploy", *REASONS), confirmed) | {
    "approval": rejected, "question": answered, "budget": raised, "push": pushed,
}  # fmt: skip


def test_each_kind_is_decided_and_the_next_comes_by_keys_alone(page: Page, quiet: LocalHub) -> None:
    dear = done_in_a_thread(rows_of_each_kind, quiet.settings.database_url)
    done_in_a_thread(stop_for_money, quiet.settings.database_url, [dear])
    page.add_init_script(UNDERSTOOD)
    enter(page, quiet)
    page.keyboard.press("g")
    page.keyboard.press("i")
    marked = page.locator("[data-item][data-on]")
    expect(marked).to_have_count(1)
    check_accessible(page)
    page.keyboard.press("j")
    page.keyboard.press("k")
    seen: list[str] = []
    while waiting := {item["key"]: item for item in quiet.client.get("/inbox")["items"]}:
        expect(marked).to_have_count(1)
        key = str(marked.get_attribute("data-item"))
        kind = waiting[key]["kind"]
        kind = waiting[key]["reason"] if kind == "task" else kind
        page.keyboard.press("e")
        expect(page.get_by_role("article")).to_be_focused()
        ACTS[kind](page)
        expect(page.locator(f'[data-item="{key}"]')).to_have_count(0)
        seen.append(kind)
    assert set(seen) == ACTS.keys(), seen
    expect(page.get_by_text("Nothing waits for you.").first).to_be_visible()


def test_a_plan_that_waits_is_seen_however_many_came_after_it(page: Page, quiet: LocalHub) -> None:
    at = done_in_a_thread(an_old_plan, quiet.settings.database_url, 110)
    page.add_init_script(UNDERSTOOD)
    page.goto(login_link(quiet))
    page.goto(f"{quiet.client.url}/chat.html?project={at['project_id']}")
    waiting = len(quiet.client.get("/plans", state="waiting"))
    menu = page.get_by_role("navigation", name="Hub")
    expect(menu.get_by_role("link", name="Plans")).to_contain_text(str(waiting))
    strip = page.get_by_role("list", name="Requests under way").get_by_role("listitem")
    expect(strip).to_have_count(1)
    expect(strip).to_contain_text("What was asked long ago.")
    strip.get_by_role("button", name="Read the plan").click()
    expect(page.get_by_role("article", name="Plan").locator("blockquote")).to_contain_text("What was asked long ago.")
    quiet.client.post(f"/plans/{at['plan_id']}/reject")
    expect(menu.get_by_role("link", name="Plans")).not_to_contain_text(str(waiting))


def test_a_question_is_answered_in_its_tasks_thread(page: Page, quiet: LocalHub) -> None:
    at = done_in_a_thread(one_question, quiet.settings.database_url)
    key = quiet.client.get(f"/tasks/{at['task_id']}")["key"]
    page.add_init_script(UNDERSTOOD)
    page.goto(login_link(quiet))
    page.goto(f"{quiet.client.url}/chat.html?project={at['project_id']}&task={at['task_id']}")
    page.get_by_role("complementary", name=f"Task {key}").get_by_role("link", name=f"Chat about {key}").click()
    thread = page.get_by_role("region", name="Chat about")
    asked = thread.get_by_role("region", name="An agent asks you")
    expect(asked).to_contain_text("Which?")
    check_accessible(page)
    asked.get_by_role("textbox", name="Your answer to: Which?").fill("The second.")
    asked.get_by_role("button", name="Answer", exact=True).click()
    expect(asked).to_be_hidden()
    assert quiet.client.get("/questions", task_id=at["task_id"])[0]["answer"] == "The second."
    form = page.get_by_role("form", name="Write in the chat")
    box = form.locator("textarea").first
    box.press_sequentially(f"What about {key.lower()[:-1]}")
    tasks = page.get_by_role("listbox", name="Tasks")
    expect(tasks.get_by_role("option", selected=True)).to_contain_text(key)
    check_accessible(page)
    box.press("Tab")
    expect(box).to_have_value(f"What about {key} ")
    page.locator("input[type=file]").last.set_input_files(
        [{"name": "till.txt", "mimeType": "text/plain", "buffer": b"1 tea"}]
    )
    page.locator("label").get_by_text("Question", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("A question is answered from the record, without files")
    expect(page.get_by_role("button", name="Enter")).to_be_disabled()
