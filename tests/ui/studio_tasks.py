"""Projects and tasks of the studio: its agents take one stage, then a person decides."""

import time
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS

SETTINGS = {"models": {"default": "scripted/studio"}}


def new_project(hub: LocalHub, name: str) -> int:
    folder = name.lower().replace(" ", "-")
    project = hub.client.post("/projects", name=name, workspace_path=folder, settings=SETTINGS, workflow="short")
    return int(project["id"])


def new_task(hub: LocalHub, project: int, title: str, *, start: bool = True, **more: Any) -> dict[str, Any]:
    task = hub.client.post("/tasks", project_id=project, title=title, **more)
    if start:
        hub.client.post(f"/tasks/{task['id']}/trigger")
    return task


def until(hub: LocalHub, task: dict[str, Any], state: str) -> dict[str, Any]:
    """The task's row when it stands so."""
    deadline = time.monotonic() + STORY_MS / 1000
    while time.monotonic() < deadline:
        row = hub.client.get(f"/tasks/{task['id']}")
        if row["state"] == state:
            return row
        time.sleep(0.2)
    raise AssertionError(f"{task['key']} is {row['state']} and not {state}: {row['waiting_sentence']}")


def open_task(page: Page, hub: LocalHub, task: dict[str, Any], tab: str = "") -> Locator:
    query = f"?project={task['project_id']}&task={task['id']}" + (f"&tab={tab}" if tab else "")
    page.goto(f"{hub.client.url}/chat.html{query}")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    expect(panel.get_by_role("heading", name=task["title"])).to_be_visible()
    return panel
