"""Roles and principles: edited, compared and taken back in the page."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import WIDE, check_accessible, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}


def put_principles(hub: LocalHub, version: int, text: str) -> None:
    headers = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    body: dict[str, Any] = {"version": version, "text": text}
    httpx.put(f"{hub.client.url}/principles", headers=headers, json=body).raise_for_status()


@pytest.fixture
def roles(signed_in: Page) -> Page:
    signed_in.get_by_role("link", name="Settings").click()
    sections = signed_in.get_by_role("navigation", name="Settings")
    sections.get_by_role("link", name="Roles and prompts").click()
    signed_in.get_by_role("heading", name="Roles").wait_for()
    return signed_in


def test_a_role_is_edited_compared_and_taken_back(roles: Page, hub: LocalHub, shots: Path) -> None:
    page = roles
    before = hub.client.get("/roles/docs")
    page.get_by_role("link", name="DOCS").click()
    words = page.get_by_role("textbox", name="Principles of its own")
    words.fill("- Short sentences.")
    page.get_by_role("switch", name="May create tasks").press("Space")
    expect(page.get_by_role("switch", name="May create tasks")).to_be_checked()
    page.reload()  # what was begun is still there
    expect(words).to_have_value("- Short sentences.")
    expect(page.get_by_text("not saved")).to_be_visible()
    page.get_by_role("button", name="Add a model").click()
    page.set_viewport_size(PHONE)
    widths = page.evaluate("[document.querySelector('main').scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], widths
    shoot(page, shots, "phone-role")
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name=f"Save as version {before['version'] + 1}").click()
    versions = page.get_by_role("region", name="Versions")
    expect(versions.locator(".diff-code-insert").first).to_contain_text("Short sentences.")
    shoot(page, shots, "role")
    check_accessible(page)
    saved = hub.client.get("/roles/docs")
    assert saved["principles"] == "- Short sentences." and saved["settings"]["rights"]["create_tasks"] is True

    versions.get_by_role("button", name="Bring back version 1").click()
    dialog = page.get_by_role("dialog", name="Bring back version 1 of the role DOCS?")
    dialog.get_by_role("button", name="Bring it back").click()
    expect(words).to_have_value(before["principles"])
    now = hub.client.get("/roles/docs")
    assert (now["principles"], now["version"]) == (before["principles"], before["version"] + 2)


def test_what_another_saved_meanwhile_is_not_saved_over_unseen(roles: Page, hub: LocalHub, shots: Path) -> None:
    page = roles
    page.get_by_role("link", name="Principles").click()
    words = page.get_by_role("textbox", name="Principles of all")
    shipped = hub.client.get("/principles")
    words.fill("Mine.")
    put_principles(hub, shipped["version"], "Theirs.")
    form = page.get_by_role("form", name="Principles of all")
    expect(form.get_by_role("status")).to_contain_text("was saved meanwhile")
    shoot(page, shots, "principles")
    check_accessible(page)
    form.get_by_role("button", name="Go on with mine").click()
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("not saved")).to_be_hidden()
    newest = hub.client.get("/principles")
    assert (newest["text"], newest["version"]) == ("Mine.", shipped["version"] + 2)
    put_principles(hub, newest["version"], shipped["text"])
