"""A run's output as it comes: followed, let go, searched and copied; keys beside fields that choose; what the first
screen shows stays where it is."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from services.domain.states import RunState
from services.events import log
from services.events.output import RunOutput
from services.roles.read import newest_workflow
from services.store.database import Database
from services.store.models import Run
from tests.support import factories as make
from tests.support.local_hub import LocalHub, local_hub
from tests.ui.conftest import UNDERSTOOD, check_accessible, login_link

LONG = 200  # lines: more than the box shows
SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Nobody works there: what a run says is written by the test."""
    with local_hub(tmp_path_factory.mktemp("live") / "a hub", without=("orchestrator", "agent-api")) as hub:
        settings = {"models": {"default": "scripted/till"}}
        hub.client.post("/projects", name="Played", workspace_path="played", settings=settings)
        yield hub


def of_the_hub(hub: LocalHub, call: Any, *args: Any) -> Any:
    async def with_database() -> Any:
        database = Database(hub.settings.database_url)
        async with database.write() as session:
            done = await call(session, *args)
        await database.close()
        return done

    with ThreadPoolExecutor(1) as thread:  # Playwright has this one's loop
        return thread.submit(asyncio.run, with_database()).result()


async def started(session: Any) -> dict[str, Any]:
    workflow = (await newest_workflow(session, "software")).id
    project = await make.make_project(session, workflow_id=workflow)
    task = await make.make_task(session, project, stage="dev", state="running", title="Say much")
    run = await make.make_run(session, task, state="running")
    task.current_run_id = run.id
    await log.of_run(session, "run.started", run, task)
    return {"run": run.id, "task": task.id, "key": task.key}


async def ended(session: Any, run_id: str) -> None:
    run = await session.get_one(Run, run_id)
    run.state = RunState.PASSED
    await log.of_run(session, "run.passed", run)


def lines(first: int, count: int) -> list[str]:
    return [
        json.dumps({"seq": n, "at": "2026-01-01T00:00:00Z", "kind": "output", "text": f"line {n}\n", "data": {}})
        for n in range(first, first + count)
    ]


def until(box: Locator, held: str, *args: float) -> None:
    """Waits until that holds of the box."""
    box.page.wait_for_function(held, arg=[box.element_handle(), *args])


AT_END = "([box]) => box.scrollHeight - box.scrollTop - box.clientHeight < 24"
HIGHER = "([box, before]) => box.scrollHeight > before"
STANDS_STILL = """box => new Promise(done => {
  let [at, frames] = [NaN, 0];
  const look = () => {
    frames = box.scrollTop === at ? frames + 1 : 0;
    at = box.scrollTop;
    if (frames < 20) requestAnimationFrame(look); else done();
  };
  look();
})"""


def test_output_is_followed_let_go_searched_and_copied_as_it_comes(page: Page, still: LocalHub) -> None:
    at = of_the_hub(still, started)
    output = RunOutput(still.settings.home)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(UNDERSTOOD)
    page.goto(login_link(still))
    page.goto(f"{still.client.url}/chat.html?task={at['task']}&tab=runs&run={at['run']}")
    box = page.get_by_role("log", name="Output of")
    expect(page.get_by_text("following", exact=True)).to_be_visible()
    output.append(at["run"], "0-edit", lines(1, LONG))
    expect(box.get_by_text(f"line {LONG}", exact=True)).to_be_visible()
    until(box, AT_END)
    output.append(at["run"], "0-edit", lines(LONG + 1, LONG))
    expect(box.get_by_text(f"line {2 * LONG}", exact=True)).to_be_visible()
    until(box, AT_END)
    check_accessible(page)

    box.hover()
    page.mouse.wheel(0, -900)
    follow = page.get_by_role("button", name="Follow")
    expect(follow).to_be_visible()
    box.evaluate(STANDS_STILL)  # a wheel glides
    before, height = box.evaluate("box => [box.scrollTop, box.scrollHeight]")
    output.append(at["run"], "0-edit", lines(2 * LONG + 1, 5))
    until(box, HIGHER, height)
    page.wait_for_timeout(300)
    assert abs(box.evaluate("box => box.scrollTop") - before) < 2, "it was pulled on while somebody read"
    follow.click()
    expect(box.get_by_text(f"line {2 * LONG + 5}", exact=True)).to_be_visible()

    search = page.get_by_role("textbox", name="Search in the output")
    search.fill("line 7")
    expect(page.get_by_text("11", exact=True).or_(page.get_by_text("11 found"))).to_be_visible()
    search.press("Enter")
    expect(box.get_by_text("line 7", exact=True)).to_be_visible()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("The whole output is in the clipboard.")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert [word for word in copied.splitlines() if word.strip() == "line 405"] and "line 1\n" in copied
    of_the_hub(still, ended, at["run"])
    expect(page.get_by_text("following", exact=True)).to_be_hidden()


def test_keys_work_beside_fields_that_choose(page: Page, still: LocalHub) -> None:
    page.add_init_script(UNDERSTOOD)
    page.goto(login_link(still))
    page.goto(f"{still.client.url}/chat.html?view=runs")
    stage = page.get_by_role("combobox", name="Stage")
    stage.click()
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("g")
    page.keyboard.press("i")
    assert "view=runs" in page.url
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    stage.evaluate("field => field.blur()")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()


def test_nothing_moves_when_the_scripted_model_is_told_of(page: Page, still: LocalHub) -> None:
    page.goto(login_link(still))
    project = still.client.get("/projects")[0]["id"]
    page.add_init_script(f"({SHIFTS})()")
    page.goto(f"{still.client.url}/chat.html?project={project}")
    expect(page.get_by_role("note", name="Scripted model")).to_be_visible()
    page.get_by_role("heading", name="Backlog").wait_for()
    page.wait_for_timeout(1_000)
    shifted = page.evaluate("window.shifted")
    assert shifted < 0.02, f"the page moved by {shifted}"
