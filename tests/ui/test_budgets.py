"""A budget that is used up: the inbox says what it stops, and a click lets the very run go on."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Page, expect

from services.store.database import Database
from services.store.models import ModelCall, Project, Task
from services.store.types import now
from tests.support.factories import make_run
from tests.support.local_hub import LocalHub, sample
from tests.ui.conftest import STORY_MS, check_accessible, shoot


async def stop_for_money(url: str, task_ids: list[int]) -> list[str]:
    """As a gateway leaves it that refused a run's next call: no local model costs anything."""
    database, runs = Database(url), list[str]()
    async with database.write() as session:
        for task_id in task_ids:
            task = await session.get_one(Task, task_id)
            project = await session.get_one(Project, task.project_id)
            project.budget_usd, task.run_budget_usd = 0.1, (0.05 if task_id == task_ids[0] else None)
            task.state, task.stage, task.waiting_reason, task.waiting_sentence = "waiting", "dev", "budget", "Too dear."
            run = await make_run(session, task, state="blocked", reason="budget_exceeded", finished_at=now())
            runs.append(run.id)
            for outcome, cost, reserved, status in (("answered", 0.0482, 0.05, 200), ("refused", 0.0, 0.0213, 429)):
                session.add(
                    ModelCall(
                        run_id=run.id, project_id=project.id, task_id=task.id, request_sha256="0" * 64, path="messages",
                        provider="anthropic", protocol="anthropic", model="anthropic/claude-haiku-4-5",
                        outcome=outcome, cost=cost, reserved_cost=reserved, status_code=status,
                    )
                )  # fmt: skip
    await database.close()
    return runs


def test_a_budget_is_raised_from_the_inbox_and_the_run_goes_on(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    with ThreadPoolExecutor(1) as thread:  # Playwright has this one's loop
        folder = thread.submit(sample, hub, "purse").result()
    project = int(hub.client.post("/projects", name="Purse", workspace_path=str(folder))["id"])
    titles = ("Print the day's refunds", "Say where the till stands")
    tasks = [int(hub.client.post("/tasks", project_id=project, title=title)["id"]) for title in titles]
    with ThreadPoolExecutor(1) as thread:
        runs = thread.submit(asyncio.run, stop_for_money(hub.settings.database_url, tasks)).result()

    page = signed_in
    page.goto(f"{hub.client.url}/chat.html?project={project}&view=inbox")
    items = page.get_by_role("main").get_by_role("listitem").filter(has_text="may cost")
    expect(items).to_have_count(2)
    items.filter(has_text="What this run may cost").get_by_role("link").click()
    mine = page.get_by_role("article", name="What this run may cost")
    expect(mine).to_contain_text("$0.0482 of $0.05 spent")
    expect(mine).to_contain_text("DEV, next call up to $0.0213")
    items.filter(has_text="What Purse may cost").get_by_role("link").click()
    whole = page.get_by_role("article", name="What Purse may cost")
    expect(whole).to_contain_text(titles[1])
    items.filter(has_text="What this run may cost").get_by_role("link").click()
    check_accessible(page)
    shoot(page, shots, "inbox-budgets")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, shots, "inbox-budgets-phone")
    page.set_viewport_size({"width": 1680, "height": 900})

    amount = mine.get_by_label("May cost, in US dollars")
    amount.fill("0.06")
    expect(mine).to_contain_text("With less than $0.0696 the next call does not fit.")
    amount.fill("0.5")
    mine.get_by_role("button", name="Raise to $0.50").click()
    expect(items).to_have_count(1)
    assert hub.client.get(f"/runs/{runs[0]}")["state"] == "blocked", "the project's budget still stops it"
    whole.get_by_role("button", name="Raise to $0.20").click()
    expect(page.get_by_text("2 tasks go on where they stopped.")).to_be_visible()
    expect(items).to_have_count(0)

    end = time.monotonic() + STORY_MS / 1000
    for run_id, task_id in zip(runs, tasks, strict=True):
        while not (run := hub.client.get(f"/runs/{run_id}"))["started_at"] and time.monotonic() < end:
            page.wait_for_timeout(100)
        assert (run["resumed"], bool(run["started_at"])) == (1, True), run
        first = [one["id"] for one in hub.client.get(f"/tasks/{task_id}/runs") if one["attempt"] == 1]
        assert first == [run_id], "no other began in its place"
    rows = hub.rows("SELECT count(*) FROM runs WHERE project_id = ? AND stage = 'dev' AND attempt > 1", project)
    assert rows[0][0] <= 2, "what follows is another story: the scripted model knows no such task"
    hub.client.delete(f"/projects/{project}?force=true")  # others begin with an empty board
