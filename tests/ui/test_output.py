"""A run's output: one that is at work opens at its end and is followed there, one that has ended at its beginning."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.events.output import RunOutput
from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS
from tests.ui.studio_tasks import new_project, new_task, open_task
from tests.ui.test_run_live import AT_END, HIGHER, until

LINES = 30_000
STEP = "1-work"
AT_TOP = "([box]) => box.scrollTop === 0"


@pytest.fixture(scope="module")
def project(studio: LocalHub) -> int:
    return new_project(studio, "Output")


def say(hub: LocalHub, run: dict[str, Any], numbers: Iterable[int]) -> None:
    lines = [
        {"seq": n, "at": "2026-01-01T00:00:00Z", "kind": "notice", "text": f"sale {n}", "data": {}} for n in numbers
    ]
    RunOutput(hub.settings.home).append(run["id"], STEP, [json.dumps(line) for line in lines])


def begin(hub: LocalHub, task: dict[str, Any]) -> dict[str, Any]:
    """A run of somebody's own agent: no orchestrator carries it."""
    return hub.client.post("/runs", task_id=task["id"], agent="a till", stage="dev")


def test_a_run_at_work_opens_at_its_end_and_is_followed(at_studio: Page, studio: LocalHub, project: int) -> None:
    page = at_studio
    task = new_task(studio, project, "Sell a lot", start=False)
    run = begin(studio, task)
    say(studio, run, range(1, LINES + 1))
    panel = open_task(page, studio, task, "runs")
    log = panel.get_by_role("log", name="Output of DEV")
    expect(log).to_contain_text(f"sale {LINES}", timeout=STORY_MS)
    expect(panel.get_by_text("following")).to_be_visible()
    until(log, AT_END)
    say(studio, run, range(LINES + 1, LINES + 4))
    expect(log).to_contain_text(f"sale {LINES + 3}")
    until(log, AT_END)

    log.focus()
    page.keyboard.press("Control+Home")
    until(log, AT_TOP)
    height = log.evaluate("box => box.scrollHeight")
    say(studio, run, [LINES + 4])
    until(log, HIGHER, height)
    page.wait_for_timeout(300)
    assert log.evaluate("box => box.scrollTop") == 0, "who reads further up is left there"
    panel.get_by_role("button", name="Follow").click()
    expect(log).to_contain_text(f"sale {LINES + 4}")

    token = {"Authorization": f"Bearer {studio.settings.environment['WFHUB_TOKEN']}"}
    httpx.patch(f"{studio.client.url}/runs/{run['id']}", headers=token, json={"result": "blocked", "summary": "Sold."})
    page.reload()
    expect(log).to_contain_text("sale 1")
    assert log.evaluate("box => box.scrollTop") == 0


def test_what_was_said_before_the_page_came_is_read_once(at_studio: Page, studio: LocalHub, project: int) -> None:
    page = at_studio
    task = new_task(studio, project, "Sell a little", start=False)
    run = begin(studio, task)
    say(studio, run, range(1, 2_501))
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    panel = open_task(page, studio, task, "runs")
    log = panel.get_by_role("log", name="Output of DEV")
    expect(panel.get_by_text("following")).to_be_visible()
    say(studio, run, [2_501])
    expect(log).to_contain_text("sale 2501")
    page.wait_for_timeout(300)
    assert len([frame for frame in frames if "sale " in frame]) == 1
    panel.get_by_role("textbox", name="Search in the output").fill("sale 2500")
    expect(panel.get_by_role("status").filter(has_text="1 found")).to_be_visible()
