"""The page's screens, drawn anew into docs/screens: `python -m tests.ui.screens [name ...]`.

A hub of its own, the sample and the scripted model: a request becomes a plan, its tasks flow until they wait for you.
Each screen is a line of SCREENS: its name, its place in the address, and what is done there before it is drawn. Each is
drawn light, dark, and, unless a mouse alone shows it, at a phone's width, with few colours, so that it is small.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.demo.sample_project import SCENARIO
from tests.support.local_hub import CHECKOUT, LocalHub, local_hub, sample
from tests.ui.conftest import STAYS_HOME, WIDE, login_link

FOLDER = CHECKOUT / "docs" / "screens"
PHONE = {"width": 390, "height": 844}
COLOURS = 64
STORY_SECONDS = 900  # on a machine that does other things, too

MOUSE_ALONE = {"task-hover"}  # a finger rests on nothing

BY_HAND = (  # title, kind, priority, the stage at which somebody works on it
    ("Say the opening hours on receipts", "feature", 4, None),
    ("Count the drawer at closing", "feature", 5, None),
    ("Round cash totals to five cents", "feature", 8, "dev"),
    ("Explain the export to a bookkeeper", "docs", 3, "docs"),
    ("Test vouchers that expired at midnight", "test", 6, "qa"),
)
TIED: dict[str, Any] = {  # what the import's steps before the last one chose
    "provider": "made_up", "credential": 1, "theirs": {"id": "shop", "name": "The shop"}, "project": 1, "mapping": 1,
}  # fmt: skip


def nothing(_page: Page) -> None:
    """It is drawn as it comes."""


def at_the_tasks(page: Page) -> None:
    """The last step of an import, as a browser finds it in which the others were done."""
    page.evaluate("draft => localStorage.setItem('wfhub.import', draft)", json.dumps(TIED))
    page.goto(page.url.partition("&step=")[0])
    page.get_by_role("table", name="Their tasks").wait_for()


def press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def rest_on_a_card(page: Page) -> None:
    page.locator("[data-stage] [data-task-id]").filter(has_text="refund").first.hover()
    page.get_by_role("tooltip").wait_for()


def typed(field: str, words: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("textbox", name=field).fill(words)


SCREENS: list[tuple[str, str, Callable[[Page], None]]] = [
    ("board", "?project=1", nothing),
    ("board-lanes", "?project=1&lanes=plan", nothing),
    ("board-filtered", "?project=1&text=refund", nothing),
    ("board-empty", "?project=2", nothing),
    ("task-hover", "?project=1", rest_on_a_card),
    ("palette", "?project=1", press("Control+k")),
    ("keys", "?project=1", press("?")),
    ("inbox", "?view=inbox", nothing),
    ("plans", "?view=plans", nothing),
    ("plan", "?view=plans&plan=1", nothing),
    ("history", "?view=history", nothing),
    ("projects", "?view=projects", nothing),
    ("runs", "?project=1&view=runs", nothing),
    ("agents", "?view=agents", nothing),
    ("models", "?view=models", nothing),
    ("traffic", "?view=models&part=traffic", nothing),
    ("bugs", "?view=bugs", nothing),
    ("bug", "?view=bugs&bug=1", nothing),
    ("logs", "?view=logs&log=ollama_http", nothing),
    ("metrics", "?view=metrics&span=1", nothing),
    ("settings", "?view=settings&section=models", nothing),
    ("settings-workflow", "?view=settings&section=workflows&workflow=software", nothing),
    ("roles", "?view=roles", nothing),
    ("role", "?view=roles&role=dev", nothing),
    ("principles", "?view=principles", nothing),
    ("import", "?project=1&view=import", at_the_tasks),
    ("settings-trackers", "?view=settings&section=trackers", nothing),
    ("task-overview", "?project=1&task=1&tab=overview", nothing),
    ("task-changes", "?project=1&task=1&tab=changes", nothing),
    ("task-runs", "?project=1&task=1&tab=runs", nothing),
    ("task-evidence", "?project=1&task=1&tab=evidence", nothing),
    ("task-talk", "?project=1&task=1&tab=talk", nothing),
    ("task-history", "?project=1&task=1&tab=history", nothing),
    (
        "request",
        "?project=1",
        typed("What should the team do next?", "Print receipts in the customer's language"),
    ),  # last: its words stay
]


def main() -> int:
    wanted = set(sys.argv[1:]) or {name for name, _, _ in SCREENS}
    if unknown := wanted.difference(name for name, _, _ in SCREENS):
        known = ", ".join(name for name, _, _ in SCREENS)
        raise SystemExit(f"There is no screen {', '.join(sorted(unknown))}. There are: {known}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with tempfile.TemporaryDirectory(prefix="wfhub-screens-") as folder, local_hub(Path(folder) / "hub") as hub:
        tell_story(hub)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=STAYS_HOME)
            for scheme in ("light", "dark"):
                draw(browser, hub, scheme, wanted)
            browser.close()
    return 0


def tell_story(hub: LocalHub) -> None:
    """Three tasks, as far as they go without a person's word."""
    settings = {"models": {"default": "scripted/demo"}}
    workspace = sample(hub)
    project = hub.client.post("/projects", name="till-register", workspace_path=str(workspace), settings=settings)["id"]
    hub.client.post("/projects", name="notes-site", workspace_path="notes-site", settings=settings)
    words = SCENARIO.with_name("request.txt").read_text(encoding="utf-8").strip()
    hub.client.post("/requests", project_id=project, text=words)
    plan = _until(lambda: [plan for plan in hub.client.get("/plans") if plan["state"] == "waiting"])[0]
    hub.client.post(f"/plans/{plan['id']}/approve")
    hub.client.post("/bugs", title="The total is wrong after a refund", severity="high", project_id=project)
    hub.client.post("/bugs", title="The board forgets its filter", severity="low")
    _until(lambda: len([item for item in hub.client.get("/inbox")["items"] if item["kind"] == "approval"]) >= 2)
    beside_the_plan(hub, project)


def beside_the_plan(hub: LocalHub, project: int) -> None:
    """Tasks by hand, some of them begun by people, so that the board is one in use; and a tracker's project tied."""
    for title, kind, priority, stage in BY_HAND:
        task = hub.client.post("/tasks", project_id=project, title=title, kind=kind, priority=priority, criteria=[])
        if stage:
            hub.client.post("/runs", task_id=task["id"], stage=stage, agent="ada")
    credential = hub.client.post("/integrations/credentials", provider="made_up", label="mine", token="try")["id"]
    theirs = {"external_id": TIED["theirs"]["id"], "project_id": project}
    mapping = hub.client.post("/integrations/project-mapping", credential_id=credential, **theirs)["id"]
    assert (TIED["credential"], TIED["mapping"], TIED["project"]) == (credential, mapping, project)


def _until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + STORY_SECONDS
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.5)
    raise SystemExit("The story does not go on; look at the hub's logs.")


def draw(browser: Browser, hub: LocalHub, scheme: str, wanted: set[str]) -> None:
    """Every screen that is wanted, wide and at a phone's width."""
    context = browser.new_context(viewport=WIDE, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(login_link(hub))
    page.get_by_role("navigation", name="Hub").wait_for()
    page.get_by_role("button", name="Understood").click()  # the banner of the scripted model; its mark in the bar stays
    for name, query, before in SCREENS:
        if name not in wanted:
            continue
        page.set_viewport_size(WIDE)
        page.goto(f"{hub.client.url}/chat.html{query}")
        page.wait_for_timeout(2_500)
        before(page)
        settle(page)
        keep(page.screenshot(), FOLDER / f"{name}-{scheme}.png")
        if name in MOUSE_ALONE:
            continue
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        settle(page)
        keep(page.screenshot(), FOLDER / f"{name}-phone-{scheme}.png")
    context.close()


def settle(page: Page) -> None:
    """Until nothing is loaded any more, and charts and cards stand where they belong."""
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(1_000)


def keep(png: bytes, file: Path) -> None:
    """With a palette: a fifth of the size, and nobody sees it."""
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
