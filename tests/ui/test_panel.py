"""The task's panel: files by drop and paste, the order of tasks, handoffs, proofs as they are read, a gate."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS, check_accessible, shoot
from tests.ui.studio_tasks import new_project, new_task, open_task
from tests.ui.test_header import picture

PUT = """([kind, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["till 1\\n"], name, { type: "text/plain" }));
  const panel = document.querySelector("aside");
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") panel.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...options }));
  else for (const each of ["dragover", "drop"])
    panel.dispatchEvent(new DragEvent(each, { dataTransfer: data, ...options }));
}"""


@pytest.fixture(scope="module")
def project(studio: LocalHub) -> int:
    return new_project(studio, "Panel")


def bring(hub: LocalHub, task: dict[str, Any], kind: str, name: str, data: bytes, media: str) -> None:
    token = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    url = f"{hub.client.url}/tasks/{task['id']}/proofs"
    answer = httpx.post(url, headers=token, data={"kind": kind}, files={"file": (name, data, media)}, trust_env=False)
    assert answer.status_code == 201, answer.text


def test_files_come_by_drop_and_paste(at_studio: Page, studio: LocalHub, project: int, shots: Path) -> None:
    page = at_studio
    task = new_task(studio, project, "Take these files", start=False)
    panel = open_task(page, studio, task, "overview")
    files = panel.get_by_role("list", name="Files")
    page.evaluate(PUT, ["drop", "dropped.txt"])
    expect(files.get_by_text("dropped.txt")).to_be_visible()
    page.evaluate(PUT, ["paste", "pasted.txt"])
    expect(files.get_by_role("listitem")).to_have_count(2)
    check_accessible(page)
    shoot(page, shots, "task-files")
    files.get_by_role("button", name="Take dropped.txt away").click()
    expect(files.get_by_role("listitem")).to_have_count(1)
    page.reload()
    expect(files.get_by_text("pasted.txt")).to_be_visible()


def test_the_order_of_tasks_is_drawn_and_changed(at_studio: Page, studio: LocalHub, project: int, shots: Path) -> None:
    page = at_studio
    first = new_task(studio, project, "Lay the ground", start=False)
    task = new_task(studio, project, "Build on it", start=False, blocked_by=[first["id"]])
    after = new_task(studio, project, "Paint it", start=False, blocked_by=[task["id"]])
    panel = open_task(page, studio, task, "overview")
    graph = panel.get_by_role("group", name="Tasks before and after")
    expect(graph.get_by_role("link")).to_have_count(3)  # itself among them
    check_accessible(page)
    shoot(page, shots, "task-order")
    graph.get_by_role("button", name=f"No longer wait for {first['key']}").click()
    expect(graph.get_by_role("link")).to_have_count(2)
    assert studio.client.get(f"/tasks/{task['id']}/dependencies")["blocked_by"] == []
    graph.get_by_role("link").filter(has_text=after["key"]).click()
    expect(page.get_by_role("complementary", name=f"Task {after['key']}")).to_be_visible()


def test_proofs_are_shown_as_they_are_best_read(at_studio: Page, studio: LocalHub, project: int, shots: Path) -> None:
    page = at_studio
    task = new_task(studio, project, "Prove it", start=False)
    bring(studio, task, "screenshot", "till.png", picture(), "image/png")
    bring(studio, task, "report", "sales.json", b'[{"item": "bread", "count": 3}]', "application/json")
    bring(studio, task, "log", "run.log", b"<b>all</b> went well\n", "text/plain")
    studio.client.post(
        f"/tasks/{task['id']}/handoffs", to_stage="dev", summary="Ready to build.", data={"decisions": ["Use cents"]}
    )
    panel = open_task(page, studio, task, "evidence")
    panel.get_by_role("button", name="till.png").click()
    expect(panel.get_by_role("img", name="till.png")).to_have_js_property("complete", value=True)
    panel.get_by_role("button", name="sales.json").click()
    expect(panel.get_by_role("group", name="Table").get_by_role("cell", name="bread")).to_be_visible()
    panel.get_by_role("button", name="run.log").click()
    expect(panel.get_by_text("<b>all</b> went well")).to_be_visible()
    check_accessible(page)
    shoot(page, shots, "proofs")
    panel.get_by_role("tab", name="History").click()
    handoffs = panel.get_by_role("region", name="Handoffs")
    expect(handoffs).to_contain_text("Ready to build.")
    expect(handoffs).to_contain_text("Use cents")


@pytest.mark.aider
def test_a_gate_says_why_it_does_not_open_and_may_be_overruled(
    at_studio: Page, studio: LocalHub, project: int, shots: Path
) -> None:
    page = at_studio
    task = new_task(studio, project, "Scatter it")
    panel = open_task(page, studio, task)
    gate = panel.get_by_role("region", name="The gate of DEV")
    expect(gate).to_contain_text("The gate of DEV failed", timeout=STORY_MS)
    expect(gate).to_contain_text("11")
    shoot(page, shots, "gate")
    check_accessible(page)
    gate.get_by_role("button", name="Let it pass").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why may it pass?").fill("They are small.")
    dialog.get_by_role("button", name="Let it pass", exact=True).click()
    expect(panel.get_by_text("DEPLOY: waits for your approval")).to_be_visible(timeout=STORY_MS)
    panel.get_by_role("tab", name="Evidence").click()
    expect(panel).to_contain_text("They are small.")
