"""Whatever an agent, a repository, a file or a ticket says is shown as text: nothing of it runs, nobody is called."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import STORY_MS
from tests.ui.studio_tasks import new_project, open_task, until

EVIL = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<svg onload=\"document.title='owned'\"> [look](javascript:document.title='owned') ![spy](http://spy.example/p.png)"
)
FILE = "<img src=x onerror=document.title='owned'>.html"
LIVE = "script:not([src]), iframe, [onload], [onerror], img[src='x'], img[src^='http://spy']"
TABS = ("overview", "changes", "runs", "evidence", "talk", "history")
VIEWS = (
    "board",
    "inbox",
    "plans",
    "history",
    "runs",
    "bugs",
    "projects",
    "chat",
    "agents",
    "models",
    "metrics",
    "logs",
)


@pytest.fixture(scope="module")
def smuggled(studio: LocalHub) -> dict[str, Any]:
    """A task whose every field is hostile, worked on by an agent that is, until a person is asked; a plan like it."""
    project = new_project(studio, "Smuggled goods")
    studio.client.patch(f"/projects/{project}", version=_version(studio, project), name=EVIL[:90])
    task = studio.client.post("/tasks", project_id=project, title=f"Smuggle {EVIL[:200]}", description=EVIL)
    at = f"/tasks/{task['id']}"
    studio.client.post(f"{at}/criteria", text=EVIL, check=EVIL)
    studio.client.post(f"{at}/comments", body=EVIL)
    studio.client.post(f"{at}/update-context", notes=[EVIL], decisions=[EVIL])
    studio.client.post(
        f"{at}/handoffs", to_stage="dev", summary=EVIL, data={"decisions": [EVIL], "open_points": [EVIL]}
    )
    _send(studio, f"{at}/attachments", {}, FILE, "text/html")
    _send(studio, f"{at}/proofs", {"kind": "log"}, FILE, "text/html")
    _send(studio, f"{at}/proofs", {"kind": "report"}, FILE, "text/html")
    studio.client.post("/bugs", project_id=project, title=EVIL[:200], description=EVIL)
    studio.client.post(f"{at}/trigger")
    until(studio, task, "waiting")
    studio.client.post("/requests", project_id=project, text=f"Smuggle a plan {EVIL}")
    return task


def test_nothing_of_it_runs_in_the_panel(at_studio: Page, studio: LocalHub, smuggled: dict[str, Any]) -> None:
    page = at_studio
    asked = listen(page)
    for tab in TABS:
        panel = open_task(page, studio, smuggled, tab)
        page.wait_for_timeout(1_200)
        if tab == "changes":
            expect(panel.get_by_text("onerror=document.title='owned'>.md").first).to_be_visible()
            expect(panel.get_by_text("pixel.png").first).to_be_visible()
        if tab == "runs":
            expect(panel.get_by_text("<script>document.title='owned'</script>").first).to_be_visible()
        if tab == "evidence":
            folded = panel.get_by_role("listitem").get_by_role("button", expanded=False)
            expect(folded.filter(has_text=FILE)).to_have_count(2)
            while folded.count():
                folded.first.click()
            told = panel.locator("pre").filter(has_text=EVIL[:60])
            expect(told).to_have_count(3)  # both files, and the transcript, which has the task's title
        harmless(page, studio, asked, tab)


def test_nothing_of_it_runs_on_any_screen(at_studio: Page, studio: LocalHub, smuggled: dict[str, Any]) -> None:
    page = at_studio
    asked = listen(page)
    project = smuggled["project_id"]
    page.goto(f"{studio.client.url}/chat.html?view=plans&project={project}")
    plan = page.get_by_role("main").get_by_role("listitem").get_by_role("link").first
    expect(plan).to_contain_text("waits for you", timeout=STORY_MS)
    harmless(page, studio, asked, "the plans")
    plan.click()
    expect(page.get_by_text("Plan <img src=x").first).to_be_visible()
    harmless(page, studio, asked, "the plan")
    for view in VIEWS:
        page.goto(f"{studio.client.url}/chat.html?view={view}&project={project}")
        expect(page.get_by_role("navigation", name="Hub")).to_be_visible()
        page.wait_for_timeout(1_200)
        harmless(page, studio, asked, view)
    page.goto(f"{studio.client.url}/chat.html?view=chat&thread={smuggled['id']}")
    page.wait_for_timeout(1_200)
    harmless(page, studio, asked, "the task's chat")


def listen(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def harmless(page: Page, hub: LocalHub, asked: list[str], where: str) -> None:
    assert "owned" not in page.title(), where
    assert page.locator("main, aside, [role=dialog]").locator(LIVE).count() == 0, where
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    assert [link for link in links if link.startswith(("javascript:", "data:"))] == [], where
    assert [url for url in asked if not url.startswith((hub.client.url, "blob:", "data:"))] == [], where


def _version(hub: LocalHub, project: int) -> int:
    return int(hub.client.get(f"/projects/{project}")["version"])


def _send(hub: LocalHub, path: str, fields: dict[str, str], name: str, media_type: str) -> None:
    token = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    file = {"file": (name, EVIL.encode(), media_type)}
    answer = httpx.post(f"{hub.client.url}{path}", headers=token, data=fields, files=file, trust_env=False)
    assert answer.status_code == 201, answer.text
