"""The page's screens, drawn anew into docs/screens: `python -m tests.ui.screens [name ...]`.

A hub of its own, the sample and the scripted model: a request becomes a plan, its tasks flow until they wait for you.
Each screen is a line of SCREENS: its name, its place in the address, and what is done there before it is drawn. Each is
drawn light, dark, and at a phone's width, with few colours, so that it is small.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from services.demo.sample_project import SCENARIO
from tests.support.local_hub import CHECKOUT, LocalHub, local_hub, sample
from tests.ui.conftest import STAYS_HOME, WIDE, login_link

FOLDER = CHECKOUT / "docs" / "screens"
PHONE = {"width": 390, "height": 844}
COLOURS = 96
STORY_SECONDS = 180


def nothing(_page: Page) -> None:
    """It is drawn as it comes."""


def press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def typed(field: str, words: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("textbox", name=field).fill(words)


SCREENS: list[tuple[str, str, Callable[[Page], None]]] = [
    ("board", "?project=1", nothing),
    ("board-lanes", "?project=1&lanes=plan", nothing),
    ("board-filtered", "?project=1&text=refund", nothing),
    ("board-empty", "?project=2", nothing),
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
    ("import", "?project=1&view=import", nothing),
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
    for name, query, before in SCREENS:
        if name not in wanted:
            continue
        page.set_viewport_size(WIDE)
        page.goto(f"{hub.client.url}/chat.html{query}")
        page.wait_for_timeout(2_500)
        before(page)
        page.wait_for_timeout(700)
        keep(page.screenshot(), FOLDER / f"{name}-{scheme}.png")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.wait_for_timeout(500)
        keep(page.screenshot(), FOLDER / f"{name}-phone-{scheme}.png")
    context.close()


def keep(png: bytes, file: Path) -> None:
    """With a palette: a fifth of the size, and nobody sees it."""
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
