"""A hub with nothing set up, and projects of git addresses: in the page, against a real main-api."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.integration.models.test_measuring import INFO
from tests.support.local_hub import LocalHub, local_hub
from tests.support.ollama_server import OllamaServer, serving
from tests.ui.conftest import check_accessible, shoot


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaServer]:
    with serving(OllamaServer("qwen2.5-coder:1.5b", INFO, 986_062_089, ["completion", "tools"])) as server:
        server.models["small:1b"] = 500_000_000
        yield server


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Its own, without a project, and with an Ollama address where nobody answers."""
    away = {"OLLAMA_URL": "http://127.0.0.1:9", "DEFAULT_MODEL": "ollama/qwen2.5-coder:1.5b"}
    with local_hub(tmp_path_factory.mktemp("projects") / "a hub", without=("orchestrator", "agent-api"), **away) as hub:
        yield hub


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@localhost")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "till"\nversion = "1"\n')
    (folder / "test_till.py").write_text("def test_sum():\n    assert 1 + 1 == 2\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "First")
    return folder


def phone(page: Page, shots: Path, name: str) -> None:
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{name} is {wide} px wide on a phone"
    shoot(page, shots, f"{name}-phone")
    if size is not None:
        page.set_viewport_size(size)


def dialog_of(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name)


def test_a_fresh_hub_helps_to_choose(signed_in: Page, ollama: OllamaServer, shots: Path) -> None:
    page = signed_in
    page.get_by_role("heading", name="Set up your hub").wait_for()
    expect(page.get_by_role("status").filter(has_text="The model is ollama/qwen2.5-coder:1.5b")).to_be_visible()
    shoot(page, shots, "first-run")
    check_accessible(page)
    phone(page, shots, "first-run")

    address = page.get_by_role("textbox", name="Address")
    expect(address).to_have_value("http://127.0.0.1:9")
    page.get_by_role("button", name="Test it").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("reached")
    address.fill(ollama.url)
    page.get_by_role("button", name="Test it").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Use this address").click()
    listed = page.get_by_role("list", name="Models")
    expect(listed).to_contain_text("fits the card")
    other = "small:1b"
    shoot(page, shots, "first-run-ollama")
    page.get_by_role("button", name=f"Use it: ollama/{other}").click()
    expect(page.get_by_role("status").filter(has_text=f"ollama/{other} answers.")).to_be_visible()

    page.get_by_role("tab", name="With a key").click()
    key = page.get_by_label("Key", exact=True)
    key.fill("sk-wrong-0123456789abcdef")
    shoot(page, shots, "first-run-key")
    check_accessible(page)
    page.get_by_role("tab", name="Only look: the demo").click()
    expect(page.get_by_text("no AI thinks")).to_be_visible()


def test_a_project_is_cloned_looked_at_corrected_and_made(
    signed_in: Page, hub: LocalHub, tmp_path: Path, shots: Path
) -> None:
    page, origin = signed_in, repository(tmp_path / "till")
    # What the models are stands above the button, and moves it when it comes: a press on its way would be lost.
    expect(page.get_by_role("region", name="A model that answers").get_by_role("status")).to_be_visible()
    expect(page.get_by_role("textbox", name="Address")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="New project").click()
    dialog = dialog_of(page, "New project")
    dialog.get_by_text("A git address").click()
    url = dialog.get_by_role("textbox", name="Address of the repository")
    url.fill("https://ann:secret@git.example/till.git")
    dialog.get_by_role("button", name="Clone it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("holds a password")
    shoot(page, shots, "clone-refused")
    url.fill(f"file://{tmp_path}/nowhere")
    dialog.get_by_role("button", name="Clone it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no repository")
    url.fill(f"file://{origin}")
    dialog.get_by_role("button", name="Clone it").click()
    tests = dialog.get_by_role("textbox", name="Tests", exact=True)
    expect(tests).to_have_value("python -m pytest -q --junitxml=.workflow/junit.xml")
    expect(dialog.get_by_role("textbox", name="Name")).to_have_value("till")
    page.wait_for_timeout(300)
    shoot(page, shots, "project-found")
    check_accessible(page)
    phone(page, shots, "project-found")
    tests.fill("python -m pytest -x")
    dialog.get_by_role("textbox", name="Name").fill("Till")
    dialog.get_by_role("button", name="Create project").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Project: Till")).to_be_visible()
    made = hub.client.get("/projects")[0]
    assert made["settings"]["commands"]["test"] == "python -m pytest -x"
    assert made["repository_url"] == f"file://{origin}"


def test_a_clone_that_went_on_while_the_dialog_was_closed_is_looked_at_when_it_is_there(
    signed_in: Page, hub: LocalHub
) -> None:
    page, lies = signed_in, repository(hub.settings.workspaces / "quay")
    clone = {"id": 9, "url": "https://git.example/quay.git", "workspace_path": str(lies), "branch": None}
    clone |= {"state": "running", "phase": "Receiving", "percent": 40, "bytes": 4, "fault": None}
    page.route("**/clones", lambda route: route.fulfill(json=[clone]))
    page.get_by_role("navigation", name="Hub").get_by_role("button", name="New project").click()
    dialog = dialog_of(page, "New project")
    dialog.get_by_role("progressbar").wait_for()
    clone["state"] = "done"
    expect(dialog.get_by_role("textbox", name="Name")).to_have_value("quay")
    expect(dialog.get_by_role("button", name="Create project")).to_be_enabled()


def test_a_clone_is_cancelled(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    with socket.create_server(("127.0.0.1", 0)) as silent:
        page.get_by_role("navigation", name="Hub").get_by_role("button", name="New project").click()
        dialog = dialog_of(page, "New project")
        dialog.get_by_text("A git address").click()
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/slow.git"
        dialog.get_by_role("textbox", name="Address of the repository").fill(address)
        dialog.get_by_role("button", name="Clone it").click()
        dialog.get_by_role("progressbar").wait_for()
        shoot(page, shots, "cloning")
        dialog.get_by_role("button", name="Let it go on").click()
        expect(dialog).to_be_hidden()
        page.get_by_role("navigation", name="Hub").get_by_role("button", name="New project").click()
        dialog.get_by_role("button", name="Cancel the clone").click()
        dialog.get_by_role("button", name="Look at it").wait_for()
    assert not (hub.settings.workspaces / "slow").exists()
    assert hub.client.get("/clones")[0]["state"] == "cancelled"


def test_a_task_by_hand_keeps_its_draft_and_says_faults_at_their_fields(
    signed_in: Page, hub: LocalHub, tmp_path: Path, shots: Path
) -> None:
    page = signed_in
    project = hub.client.get("/projects")[0]["id"]
    first = hub.client.post("/tasks", project_id=project, title="Lay the ground")["key"]
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    page.get_by_role("heading", name="Backlog").wait_for()
    page.keyboard.press("t")
    dialog = dialog_of(page, "New task")
    dialog.get_by_role("textbox", name="Title").fill("Round totals")
    dialog.get_by_role("textbox", name="Description").fill("To whole **cents**.")
    dialog.get_by_role("button", name="Add a criterion").click()
    page.keyboard.type("0.005 is rounded up")
    page.keyboard.press("Enter")
    page.keyboard.type("x" * 60)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    page.get_by_role("heading", name="Backlog").wait_for()
    page.get_by_role("button", name="+ New task").click()
    expect(dialog.get_by_role("textbox", name="Title")).to_have_value("Round totals")
    expect(dialog.get_by_role("textbox", name="Criterion 2", exact=True)).to_have_value("x" * 60)
    dialog.get_by_role("button", name="Drop criterion 2").click()
    dialog.get_by_role("combobox", name="Begins at").click()
    page.get_by_role("option", name="DEV · dev").click()
    dialog.get_by_role("combobox", name="Starts after").fill(first)
    page.get_by_role("option", name=f"{first} Lay the ground").click()
    picture = tmp_path / "receipt.txt"
    picture.write_text("0.005")
    dialog.locator("input[type=file]").set_input_files(picture)
    expect(dialog.get_by_text("receipt.txt")).to_be_visible()
    page.wait_for_timeout(300)
    shoot(page, shots, "new-task")
    check_accessible(page)
    phone(page, shots, "new-task")

    def refuse(route: object) -> None:
        fault = {"where": "body.title", "what": "String should have at least 1 character"}
        body = {"detail": "body.title: wrong", "code": "validation", "way_out": "", "errors": [fault]}
        route.fulfill(status=422, json=body)  # type: ignore[attr-defined]

    page.route("**/tasks", refuse)
    dialog.get_by_role("button", name="Create task").click()
    expect(dialog.get_by_role("textbox", name="Title")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_text("String should have at least 1 character")).to_be_visible()
    page.unroute("**/tasks")
    dialog.get_by_role("button", name="Create task").click()
    expect(dialog).to_be_hidden()
    made = hub.client.get("/tasks", sort="-id")[0]
    assert (made["title"], made["stage"], made["description"]) == ("Round totals", "dev", "To whole **cents**.")
    assert [one["text"] for one in hub.client.get(f"/tasks/{made['id']}/criteria")] == ["0.005 is rounded up"]
    assert [one["name"] for one in hub.client.get(f"/tasks/{made['id']}/attachments")] == ["receipt.txt"]
    assert len(hub.client.get(f"/tasks/{made['id']}")["blocked_by"]) == 1


def test_projects_are_seen_moved_archived_and_deleted(
    signed_in: Page, hub: LocalHub, tmp_path: Path, shots: Path
) -> None:
    page = signed_in
    till = hub.client.get("/projects")[0]
    hub.client.post("/projects", name="Bakery", workspace_path="bakery")
    page.reload()
    nav = page.get_by_role("navigation", name="Hub")
    nav.get_by_role("link", name="Till").hover()
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text(till["workspace_path"])
    expect(card).to_contain_text("On main, clean.")
    expect(card).to_contain_text("$0.00")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=shots / f"project-hover-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.keyboard.press("g")
    page.keyboard.press("o")
    row = page.get_by_role("region", name="Till")
    expect(row).to_contain_text("On main, clean.")
    expect(row).to_contain_text("2 open")
    shoot(page, shots, "projects")
    check_accessible(page)
    phone(page, shots, "projects")

    def choose(item: str, of: Locator) -> None:
        of.get_by_role("button", name="What to do with").click()
        page.get_by_role("menuitem", name=item).click()

    moved = tmp_path / "moved"
    git(tmp_path, "clone", "-q", till["workspace_path"], str(moved))
    choose("Another folder", row)
    dialog = dialog_of(page, "Another folder for Till")
    dialog.get_by_role("textbox", name="Folder").fill("bakery")
    dialog.get_by_role("button", name="Look at it").click()
    expect(dialog.get_by_role("status")).to_contain_text("another repository")
    expect(dialog.get_by_role("button", name="Switch")).to_be_disabled()
    page.wait_for_timeout(300)
    shoot(page, shots, "switch-other")
    dialog.get_by_role("textbox", name="Folder").fill(str(moved))
    dialog.get_by_role("button", name="Look at it").click()
    expect(dialog.get_by_role("status")).to_contain_text("the same repository")
    dialog.get_by_role("button", name="Switch").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text(str(moved))

    choose("What was found", row)
    dialog = dialog_of(page, "What was found in Till")
    dialog.get_by_role("textbox", name="Lint").fill("ruff check .")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    assert hub.client.get(f"/projects/{till['id']}")["settings"]["commands"]["lint"] == "ruff check ."

    choose("Archive", row)
    dialog = dialog_of(page, "Archive Till")
    expect(dialog.get_by_role("list", name="What it means")).to_contain_text("Everything of it is kept")
    page.wait_for_timeout(300)
    shoot(page, shots, "archive")
    dialog.get_by_role("button", name="Archive it").click()
    expect(row).to_be_hidden()
    expect(nav.get_by_role("link", name="Till")).to_be_hidden()
    page.get_by_text("Archived", exact=True).click()
    expect(row).to_be_visible()
    shoot(page, shots, "projects-archived")
    row.get_by_role("button", name="Bring it back").click()
    expect(row).to_be_hidden()
    page.get_by_text("At work", exact=True).click()
    expect(row).to_contain_text("paused")

    choose("Delete", row)
    dialog = dialog_of(page, "Delete Till")
    button = dialog.get_by_role("button", name="Delete it")
    expect(dialog.get_by_role("list", name="What it means")).to_contain_text("The folder")
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox", name="Type TILL to delete it").fill("till")
    page.wait_for_timeout(300)
    shoot(page, shots, "delete")
    check_accessible(page)
    button.click()
    expect(dialog).to_be_hidden()
    expect(row).to_be_hidden()
    assert [one["name"] for one in hub.client.get("/projects")] == ["Bakery"]
    assert (moved / "pyproject.toml").exists()


def test_a_scripted_model_is_told_until_it_is_understood(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    project = hub.client.post(
        "/projects", name="Played", workspace_path="played", settings={"models": {"default": "scripted/till"}}
    )["id"]
    page.goto(f"{hub.client.url}/chat.html?project={project}")
    banner = page.get_by_role("note", name="Scripted model")
    expect(banner).to_contain_text("is no AI")
    shoot(page, shots, "scripted")
    check_accessible(page)
    phone(page, shots, "scripted")
    banner.get_by_role("link", name="Set up a real model").click()
    page.get_by_role("heading", name="Set up models").wait_for()
    page.go_back()
    banner.get_by_role("button", name="Understood").click()
    expect(banner).to_be_hidden()
    expect(page.get_by_text("Scripted model", exact=True)).to_be_visible()
    page.reload()
    page.get_by_role("navigation", name="Hub").wait_for()
    expect(banner).to_be_hidden()
