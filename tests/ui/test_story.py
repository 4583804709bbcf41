"""The demo's story, by clicking: a request, a plan, cards that move, proofs, merges."""

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from services.demo.sample_project import SCENARIO
from tests.support.local_hub import LocalHub, sample
from tests.ui.conftest import STORY_MS, WIDE, check_accessible, login_link, shoot

pytestmark = pytest.mark.aider
REQUEST = SCENARIO.with_name("request.txt").read_text(encoding="utf-8").strip()
# What a person could have seen: each card with its stage and its words, whenever they change.
WATCH = """() => {
  window.seen = [];
  const look = () => document.querySelectorAll("[data-stage] [data-task]").forEach((card) => {
    const stage = card.closest("[data-stage]").dataset.stage;
    const now = `${card.dataset.task} ${stage}: ${card.innerText.replaceAll("\\n", " ")}`;
    if (!window.seen.includes(now)) window.seen.push(now);
  });
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
}"""
# Drops files onto the request's form as a person's mouse would: pictures of a size, or an empty one.
DROP = """async files => {
  const data = new DataTransfer();
  for (const [width, height, name] of files) {
    if (width === 0) { data.items.add(new File([], name)); continue; }
    const canvas = new OffscreenCanvas(width, height);
    const brush = canvas.getContext("2d");
    for (let x = 0; x < width; x += 7) { brush.fillStyle = `hsl(${x % 360} 70% 50%)`; brush.fillRect(x, 0, 7, height); }
    data.items.add(new File([await canvas.convertToBlob()], name, { type: "image/png" }));
  }
  const form = document.querySelector('form[aria-label="Request"]');
  for (const kind of ["dragover", "drop"])
    form.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_a_request_becomes_merged_commits(page: Page, hub: LocalHub, shots: Path) -> None:
    with ThreadPoolExecutor(1) as own_loop:  # Playwright's loop runs in this thread
        workspace = own_loop.submit(sample, hub).result()
    settings = {"models": {"default": "scripted/demo"}}
    project = hub.client.post("/projects", name="till-register", workspace_path=str(workspace), settings=settings)
    page.goto(login_link(hub))
    assert "code=" not in page.url
    page.goto(f"{hub.client.url}/chat.html?project={project['id']}")  # other tests leave projects of theirs
    expect(page.get_by_role("note", name="Scripted model")).to_be_visible()
    expect(page.get_by_text("No task yet.")).to_be_visible()
    check_accessible(page)
    page.evaluate(WATCH)

    _ask_and_approve(page, shots)
    keys = [task["key"] for task in hub.client.get(f"/projects/{project['id']}/tasks")]
    assert len(keys) == 3
    first, after, beside = keys

    _follow(page, beside)
    _came_back(page, first, shots)
    for key in (first, beside, after):
        _decide(page, key, shots, by_key=key == first)
    done = page.get_by_role("region", name="Done")
    for key in keys:
        expect(done.locator(f"[data-task='{key}']")).to_contain_text("merged", timeout=STORY_MS)
    expect(page.get_by_role("link", name="Nothing waits for you")).to_be_visible()
    shoot(page, shots, "board-done")
    _is_on_main(workspace, keys)
    _bring_back(page, after, workspace, shots)


def _ask_and_approve(page: Page, shots: Path) -> None:
    box = page.get_by_role("textbox", name="What should the team do next?")
    box.fill("first line")
    box.press("Shift+Enter")
    expect(box).to_have_value("first line\n")
    box.fill(REQUEST)
    _with_files(page, shots)
    box.press("Enter")
    expect(box).to_have_value("")
    expect(page.get_by_role("list", name="Files that go along")).to_be_hidden()
    under_way = page.get_by_role("list", name="Requests under way")
    expect(under_way).to_contain_text(REQUEST[:40])
    page.screenshot(path=shots / "board-asked-light.png")
    page.get_by_role("button", name="Read the plan").wait_for(timeout=STORY_MS)
    shoot(page, shots, "board-plan-waits")
    check_accessible(page)
    page.get_by_role("button", name="Read the plan").click()
    plan = page.get_by_role("article", name="Plan")
    expect(plan.get_by_role("heading", name="Refuse a refund above the sale")).to_be_visible()
    expect(plan).to_contain_text("A refund above the sale's total is refused and not recorded")
    expect(plan).to_contain_text("after task 1")
    expect(plan.get_by_role("link", name="photo.png")).to_be_visible()
    shoot(page, shots, "plan")
    check_accessible(page)
    _edit(page, shots)
    plan.get_by_role("button", name="Approve plan").click()
    expect(page.get_by_role("region", name="DEV")).to_be_visible()


def _with_files(page: Page, shots: Path) -> None:
    """A photo is made smaller before it is sent, a folder is refused in place, one that was not meant is left out."""
    form = page.get_by_role("form", name="Request")
    expect(form.get_by_role("radio", name="Idea")).to_be_checked()
    page.evaluate(DROP, [[3000, 2000, "photo.png"], [0, 0, "folder"], [40, 30, "other.png"]])
    files = form.get_by_role("list", name="Files that go along")
    expect(files.get_by_role("listitem")).to_have_count(2)
    expect(form.get_by_role("alert")).to_contain_text("A folder can't be sent")
    shoot(page, shots, "board-request-files")
    check_accessible(page)
    form.get_by_role("button", name="Leave out other.png").click()
    expect(files.get_by_role("listitem")).to_have_count(1)
    sizes = page.evaluate(
        "async () => { const image = document.querySelector('form img'); await image.decode();"
        " return [image.naturalWidth, image.naturalHeight]; }"
    )
    assert sizes == [2048, 1365]


def _edit(page: Page, shots: Path) -> None:
    """Begun, reloaded, gone on with, saved: the person's words are the plan, and what changed is told."""
    plan = page.get_by_role("article", name="Plan")
    plan.get_by_role("button", name="Edit").click()
    editor = page.get_by_role("region", name="Edit the plan")
    editor.get_by_role("textbox", name="Summary").fill("Three small changes to the till.")
    page.reload()
    page.evaluate(WATCH)
    expect(editor.get_by_role("textbox", name="Summary")).to_have_value("Three small changes to the till.")
    editor.get_by_role("button", name="Add a task").click()
    fourth = editor.get_by_role("listitem", name="Task 4", exact=True)
    fourth.get_by_role("textbox", name="Title").fill("Not wanted after all")
    editor.get_by_role("listitem", name="Task 1", exact=True).get_by_role("textbox", name="Priority").fill("10")
    shoot(page, shots, "plan-edit")
    check_accessible(page)
    fourth.get_by_role("button", name="Drop this task").click()
    editor.get_by_role("button", name="Save the plan").click()
    expect(plan).to_contain_text("Three small changes to the till.")
    plan.get_by_text("What changed since the PM's own words").click()
    expect(plan.get_by_role("definition").filter(has_text="10")).to_be_visible()
    shoot(page, shots, "plan-changed")


def _follow(page: Page, key: str) -> None:
    """Its output comes line by line while it works, by a socket of its own: of this stage, or of the next where a slow
    browser opened the panel as this one ended."""
    panel = page.get_by_role("complementary", name=f"Task {key}")
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        if "/output" in socket.url:
            socket.on("framereceived", lambda frame: frames.append(frame))

    page.on("websocket", listen)
    page.locator(f"[data-task='{key}']").click()
    panel.get_by_role("tab", name="Runs").click()
    expect(panel.get_by_role("log")).not_to_contain_text("Nothing said yet.", timeout=STORY_MS)
    end = time.monotonic() + STORY_MS / 1000
    while not frames:
        assert time.monotonic() < end, "no line came by the socket"
        page.wait_for_timeout(100)
    page.remove_listener("websocket", listen)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def _came_back(page: Page, key: str, shots: Path) -> None:
    """A person saw the card in DEV, in QA, and in DEV again, with what QA found."""
    page.wait_for_function(
        "key => window.seen.some(each => each.startsWith(`${key} dev`) && each.includes('QA sent it back'))",
        arg=key, timeout=STORY_MS,
    )  # fmt: skip
    page.screenshot(path=shots / "board-sent-back-light.png")
    seen = [each.split(":")[0].split()[1] for each in page.evaluate("window.seen") if each.startswith(key + " ")]
    assert seen.index("dev") < seen.index("qa"), seen


def _decide(page: Page, key: str, shots: Path, by_key: bool) -> None:
    card = page.locator(f"[data-task='{key}']")
    expect(card).to_contain_text("waits for your approval", timeout=STORY_MS)
    card.click()
    panel = page.get_by_role("complementary", name=f"Task {key}")
    panel.get_by_role("tab", name="Overview").click()
    proven = panel.get_by_role("region", name="What was proven")
    expect(proven.get_by_role("img", name="proven", exact=True).first).to_be_visible()
    expect(proven).to_contain_text("tests pass")
    assert not proven.get_by_role("img", name="failed").count()
    panel.get_by_role("tab", name="Changes").click()
    expect(panel.locator(".diff-code-insert").first).to_be_visible()
    if by_key:
        _look_around(page, key, shots)
        panel.get_by_role("button", name="Approve and merge").wait_for()
        page.keyboard.press("a")
    else:
        panel.get_by_role("button", name="Approve and merge").click()
    dialog = page.get_by_role("dialog", name=f"Merge {key} onto main?")
    expect(dialog).to_contain_text("files land (+28 −1) on main" if by_key else "on main")
    if by_key:
        page.wait_for_timeout(400)
        page.screenshot(path=shots / "merge-light.png")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(panel).to_contain_text("merged as", timeout=STORY_MS)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page).not_to_have_url("task=")


def _look_around(page: Page, key: str, shots: Path) -> None:
    """Every tab has what it promises; the address leads back to each."""
    panel = page.get_by_role("complementary", name=f"Task {key}")
    shoot(page, shots, "task")
    check_accessible(page)
    wide = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    shoot(page, shots, "narrow-task")
    page.set_viewport_size(wide or WIDE)
    _what_is_known(panel, page, shots)
    _the_runs(panel, page, shots)
    panel.get_by_role("tab", name="Evidence").click()
    panel.get_by_role("button", name="junit").first.click()
    expect(panel.get_by_role("group", name="Tests")).to_contain_text("test_refunds")
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download").first.click()
    assert Path(download.value.path()).stat().st_size > 0
    shoot(page, shots, "evidence")
    panel.get_by_role("tab", name="Talk").click()
    shoot(page, shots, "talk")
    panel.get_by_role("tab", name="History").click()
    expect(panel).to_contain_text("sent it back to DEV")
    shoot(page, shots, "history")
    check_accessible(page)
    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("heading", name="Waits for you").wait_for()
    shoot(page, shots, "inbox")
    check_accessible(page)
    _on_a_phone(page, key, shots)
    page.get_by_role("link", name="Board", exact=True).click()
    page.locator(f"[data-task='{key}']").click()
    panel.get_by_role("tab", name="Changes").click()
    page.reload()
    panel.wait_for()


def _the_runs(panel: Locator, page: Page, shots: Path) -> None:
    """Each run and each wait with its time; the output of the chosen one folded, searched, and under an address."""
    panel.get_by_role("tab", name="Runs").click()
    times = panel.get_by_role("list", name="Runs and waits")
    expect(times.get_by_role("link", name="DEV, try 2")).to_be_visible()
    expect(times.get_by_text("waits for your approval")).to_be_visible()
    times.get_by_role("link", name="QA failed").click()
    log = panel.get_by_role("log", name="Output of QA")
    panel.get_by_role("textbox", name="Search in the output").fill("30 passed, 1 failed")
    expect(panel.get_by_role("status").filter(has_text=re.compile(r"^\d+ found"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    expect(log.locator("mark").first).to_be_visible()
    shoot(page, shots, "runs")
    check_accessible(page)
    page.reload()
    expect(panel.get_by_role("log", name="Output of QA")).to_be_visible()
    times.get_by_role("link", name="DEV, try 2").click()
    edit = log.page.get_by_role("log").get_by_role("button", name="edits till/refunds.py")
    expect(edit).to_have_attribute("aria-expanded", "false")
    edit.click()
    expect(panel.get_by_role("log")).to_contain_text("@@")


def _what_is_known(panel: Locator, page: Page, shots: Path) -> None:
    """How each criterion is known; what the next agent is told, and what a person tells it."""
    panel.get_by_role("tab", name="Overview").click()
    expect(panel.get_by_text("proven", exact=True).first).to_be_visible()
    expect(panel.get_by_role("group", name="Tasks before and after").get_by_role("link")).to_have_count(2)
    shoot(page, shots, "overview")
    check_accessible(page)
    panel.get_by_role("tab", name="Runs").click()
    panel.get_by_text("What the next agent is told").click()
    prompt = panel.get_by_role("region", name="What the agent would be told now")
    expect(prompt.get_by_text("tokens").first).to_be_visible()
    prompt.get_by_label("As which role").select_option("dev")
    prompt.get_by_text("Acceptance criteria", exact=True).click()
    expect(prompt.locator("details[open] pre")).to_contain_text("refund")
    panel.get_by_role("textbox", name="A note for the next agent").fill("Prices are whole cents.")
    panel.get_by_role("button", name="Keep it").click()
    expect(panel.get_by_role("region", name="Notes for the next agent")).to_contain_text("Prices are whole cents.")
    shoot(page, shots, "context")
    check_accessible(page)


def _on_a_phone(page: Page, key: str, shots: Path) -> None:
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, shots, "phone-inbox")
    for name, query in (("board", ""), ("plans", "?view=plans")):
        page.goto(page.url.split("?")[0] + query)
        page.wait_for_timeout(500)
        _no_sideways(page)
        shoot(page, shots, f"phone-{name}")
        check_accessible(page)
    page.goto(page.url.split("?")[0])
    page.locator(f"[data-task='{key}']").click()
    page.get_by_role("link", name="proven").first.wait_for()
    page.locator(".diff-code-insert").first.wait_for()
    _no_sideways(page)
    box = page.get_by_role("complementary", name=f"Task {key}").bounding_box()
    assert box is not None and (box["x"], box["width"]) == (0, 390) and box["height"] > 700, box
    shoot(page, shots, "phone-task")
    check_accessible(page)
    page.get_by_role("button", name="Close the task").click()
    page.set_viewport_size(wide)


def _no_sideways(page: Page) -> None:
    page.locator("#main").wait_for(state="attached")  # a task covers it
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, document.querySelector('main').scrollWidth, innerWidth]"
    )
    assert widths[0] <= widths[2] and widths[1] <= widths[2], widths


def _bring_back(page: Page, key: str, workspace: Path, shots: Path) -> None:
    """A merge undone and its change recovered: each is looked at first, and done only while that holds."""
    page.locator(f"[data-task='{key}']").click()
    panel = page.get_by_role("complementary", name=f"Task {key}")
    dialog = page.get_by_role("dialog")
    seen = dialog.get_by_role("region", name="What will change")
    (workspace / "mine.txt").write_text("mine\n")
    _git(workspace, "add", "mine.txt")
    panel.get_by_role("button", name="More to do with the task").click()
    page.get_by_role("menuitem", name="Undo merge").click()
    expect(seen.get_by_role("alert")).to_contain_text("mine.txt")
    _git(workspace, "reset", "-q")
    (workspace / "mine.txt").unlink()
    dialog.get_by_role("button", name="Look again").click()
    expect(seen).to_contain_text(f"A new commit on main takes {key}'s merge back")
    shoot(page, shots, "undo-merge")
    check_accessible(page)
    _git(workspace, "commit", "-q", "--allow-empty", "-m", "Mine, meanwhile")
    dialog.get_by_label("Why?").fill("The till has to wait.")
    dialog.get_by_role("button", name="Undo the merge").click()
    expect(dialog.get_by_text("It changed meanwhile, so nothing was done.")).to_be_visible()
    dialog.get_by_role("button", name="Undo the merge").click()
    expect(dialog).to_be_hidden()
    assert _git(workspace, "log", "-1", "--format=%s", "main").startswith(f"Undo the merge of {key}")

    panel.get_by_role("button", name="More to do with the task").click()
    page.get_by_role("menuitem", name="Recover").click()
    expect(dialog.get_by_role("radio", name="the change that was undone")).to_be_checked()
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, shots, "phone-recover")
    check_accessible(page)
    page.set_viewport_size(WIDE)
    dialog.get_by_role("button", name="Recover it").click()
    expect(dialog).to_be_hidden()
    panel.get_by_role("tab", name="History").click()
    expect(panel).to_contain_text("undid its merge on main: The till has to wait.")
    expect(panel).to_contain_text("recovered its work as wfhub/")
    page.keyboard.press("Escape")


def _git(workspace: Path, *args: str) -> str:
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *args]
    return subprocess.run(command, cwd=workspace, check=True, capture_output=True, text=True).stdout.strip()


def _is_on_main(workspace: Path, keys: list[str]) -> None:
    log = _git(workspace, "log", "--format=%B", "main")
    for key in keys:
        assert f"Task: {key}" in log, log
    assert _git(workspace, "status", "--porcelain") == ""
