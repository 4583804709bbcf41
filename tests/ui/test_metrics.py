"""The metrics page: figures of the chosen days as charts and tables, by keyboard, on a phone, empty and failed."""

import asyncio
import csv
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from services.models.usage_quarters import add_call
from services.store.database import Database
from services.store.models import ModelCall, Project
from tests.support import factories as make
from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible, shoot

FIGURES = ["Tasks done", "Pass rate", "Time at a stage", "Rounds of a task", "Waiting for people", "Cost of models"]


async def _work(url: str) -> int:
    now = datetime.now(UTC)
    db = Database(url)
    async with db.write() as session:
        project: Project = await make.make_project(session, name="Measured", key="MEAS")
        task = await make.make_task(session, project, state="done", stage="done")
        for n, state in enumerate(["passed", "passed", "failed"]):
            began = now - timedelta(minutes=10 + n)
            ended = began + timedelta(minutes=2)
            await make.make_run(session, task, state=state, started_at=began, finished_at=ended, model="openai/gpt")
        told = {"provider": "openai", "protocol": "openai", "path": "/", "request_sha256": "0" * 64}
        call = ModelCall(
            **told, project_id=project.id, model="openai/gpt", outcome="answered", tokens_in=1_000, cost=0.25,
            estimated=True,
        )  # fmt: skip
        session.add(call)
        await add_call(session, call)
    await db.close()
    return project.id


@pytest.fixture(scope="module")
def project(hub: LocalHub) -> int:
    with ThreadPoolExecutor(1) as aside:  # Playwright has an event loop of its own in this thread
        return aside.submit(asyncio.run, _work(hub.settings.database_url)).result()


def go(page: Page, query: str) -> None:
    page.goto(page.url.split("?")[0] + query)
    page.get_by_role("heading", level=1, name="Metrics").wait_for()


def test_the_days_and_the_figures(signed_in: Page, project: int, shots: Path) -> None:
    go(signed_in, f"?project={project}&view=metrics&span=7")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Metrics of Measured")
    for name in FIGURES:
        expect(signed_in.get_by_role("region", name=name, exact=True)).to_be_visible()
    expect(signed_in.get_by_role("img", name="Bars of pass rates: dev 66.7 %.")).to_be_visible()
    expect(signed_in.get_by_text("No task was done in these days.").first).to_be_visible()
    expect(signed_in.get_by_text("≈ $0.25")).to_be_visible()
    shoot(signed_in, shots, "metrics")
    check_accessible(signed_in)
    signed_in.get_by_text("Own dates", exact=True).click()
    first = signed_in.get_by_label("First day")
    assert ".." in signed_in.url
    first.focus()
    signed_in.keyboard.type("01012026")  # a year of one digit is a date, too: nothing is taken from under the keys
    expect(first).to_have_value("2026-01-01")
    expect(signed_in).to_have_url(re.compile("span=2026-01-01"))
    expect(first).to_be_focused()
    signed_in.get_by_label("Last day").fill("2026-01-03")
    expect(signed_in.get_by_text("No run ended in these days.")).to_be_visible()
    assert "span=2026-01-01..2026-01-03" in signed_in.url
    signed_in.get_by_label("Last day").fill("2025-12-01")
    expect(signed_in.get_by_text("before it begins").first).to_be_visible()
    signed_in.go_back()
    expect(signed_in.get_by_role("img", name="Bars of pass rates")).to_be_visible()


def test_a_table_by_keyboard_and_as_a_file(signed_in: Page, project: int) -> None:
    go(signed_in, f"?project={project}&view=metrics")
    signed_in.get_by_role("button", name="Pass rate: as a table").focus()
    signed_in.keyboard.press("Enter")
    table = signed_in.get_by_role("table", name="Pass rate")
    expect(table.get_by_role("row").nth(1)).to_contain_text("66.7 %")
    signed_in.get_by_role("button", name="Cost of models: as a table").press("Enter")
    costs = signed_in.get_by_role("region", name="Cost of models", exact=True)
    costs.get_by_text("Model", exact=True).click()
    expect(signed_in.get_by_role("table", name="Cost of models")).to_contain_text("openai/gpt")
    check_accessible(signed_in)
    with signed_in.expect_download() as fetched:
        signed_in.get_by_role("link", name="Pass rate: download as CSV").click()
    rows = list(csv.DictReader(StringIO(Path(fetched.value.path()).read_text())))
    assert [(row["role"], row["passed"], row["failed"]) for row in rows] == [("dev", "2", "1")]
    assert fetched.value.suggested_filename.startswith("pass-rate-by-role_")


def test_a_phone_and_a_figure_that_fails(signed_in: Page, project: int, shots: Path) -> None:
    signed_in.set_viewport_size({"width": 390, "height": 844})
    failing = [True]

    def refuse(route: Route) -> None:
        if failing[0]:
            route.fulfill(status=500, content_type="application/json", body="{}")
        else:
            route.continue_()

    signed_in.route("**/metrics/stages?*", refuse)
    go(signed_in, f"?project={project}&view=metrics")
    stages = signed_in.get_by_role("region", name="Time at a stage", exact=True)
    again = stages.get_by_role("button", name="Try again")
    again.wait_for(timeout=30_000)
    expect(signed_in.get_by_role("img", name="Bars of pass rates")).to_be_visible()
    failing[0] = False
    again.click()
    expect(stages.get_by_role("img", name="Bars of times")).to_be_visible()
    wide = signed_in.evaluate("document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth")
    assert wide == 0
    shoot(signed_in, shots, "metrics-phone")


def test_a_figure_leads_to_the_runs_it_counts(signed_in: Page, project: int) -> None:
    go(signed_in, f"?project={project}&view=metrics&span=7")
    signed_in.get_by_role("button", name="Pass rate: as a table").click()
    row = signed_in.get_by_role("table", name="Pass rate").get_by_role("row").nth(1)
    for column, many, told in ((1, "2", "2 runs"), (2, "1", "1 run")):
        row.get_by_role("cell").nth(column).get_by_role("link", name=many, exact=True).click()
        expect(signed_in.get_by_role("heading", level=1)).to_have_text("Runs of Measured")
        expect(signed_in.get_by_role("status").filter(has_text="run")).to_have_text(told)
        expect(signed_in.get_by_role("group", name="Which runs").get_by_role("button", name="All runs")).to_be_visible()
        signed_in.go_back()
        signed_in.get_by_role("button", name="Pass rate: as a table").click()
    signed_in.get_by_role("button", name="Time at a stage: as a table").click()
    times = signed_in.get_by_role("table", name="Time at a stage").get_by_role("row").nth(1)
    times.get_by_role("link", name="3", exact=True).click()
    expect(signed_in.get_by_text("only runs that an agent began")).to_be_visible()
    expect(signed_in.get_by_role("status").filter(has_text="run")).to_have_text("3 runs")
