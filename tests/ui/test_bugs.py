"""Bugs in the page: a picture of it with parts blackened by pointer and by keys, the list, and what is made of one."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import WIDE, check_accessible, shoot
from tests.ui.test_header import open_report, picture

PHONE: ViewportSize = {"width": 390, "height": 844}
BLACK = (0, 0, 0)
HOLD_DRAWING = """
  const real = window.createImageBitmap;
  const held = new Promise(resolve => { window.goOn = resolve; });
  window.createImageBitmap = async (...given) => { await held; return real(...given); };
"""


@pytest.fixture(scope="module")
def project(hub: LocalHub) -> int:
    settings = {"models": {"default": "scripted/demo"}}
    return int(hub.client.post("/projects", name="Kiosk", workspace_path="kiosk", settings=settings)["id"])


def newest(hub: LocalHub) -> dict[str, Any]:
    return hub.client.get("/bugs")[0]


def kept_picture(hub: LocalHub, bug: int) -> Image.Image:
    (kept,) = hub.client.get("/attachments", bug_id=bug)
    token = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    return Image.open(BytesIO(httpx.get(f"{hub.client.url}/attachments/{kept['id']}/download", headers=token).content))


def choose(page: Page, data: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a screenshot").click()
    chooser.value.set_files({"name": "till.png", "mimeType": "image/png", "buffer": data})
    shown = page.get_by_alt_text("The screenshot that will be sent")
    width, height = Image.open(BytesIO(data)).size
    expect(shown).to_have_js_property("naturalWidth", width)  # until then nothing of it has its place
    expect(shown).to_have_js_property("clientHeight", height)


def test_a_picture_of_the_page_is_taken_and_sent(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    open_report(page)
    page.get_by_label("What went wrong?").fill("The board is empty.\nIt was full before.")
    page.get_by_role("button", name="Picture of this page").click()
    shown = page.get_by_alt_text("The screenshot that will be sent")
    expect(shown).to_be_visible(timeout=30_000)
    shoot(page, shots, "bug-picture")
    check_accessible(page)
    page.get_by_role("button", name="Report bug").click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    image = kept_picture(hub, newest(hub)["id"])
    assert image.size == (WIDE["width"], WIDE["height"])
    assert len(image.convert("RGB").getcolors(1_000_000) or []) > 20, "a page has more than its ground"


def test_parts_are_blackened_and_cut_away_by_keys_alone(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    open_report(page)
    page.get_by_label("What went wrong?").fill("A name is seen.")
    choose(page, picture(240, 90))
    sheet = page.get_by_role("application", name="Draw on the screenshot")
    sheet.focus()
    told = page.get_by_role("dialog").get_by_role("status")
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text("From 33 % to 67 % across, from 33 % to 67 % down.")
    page.keyboard.press("Escape")
    expect(sheet.locator("span")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()  # Escape left the rectangle, not the dialog
    page.keyboard.press("ArrowRight")
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    shoot(page, shots, "bug-keys")
    check_accessible(page)
    page.keyboard.press("Enter")
    expect(told).to_have_text("It is black.")
    page.get_by_role("button", name="Report bug").click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    image = kept_picture(hub, newest(hub)["id"]).convert("RGB")
    assert image.size == (240, 90)
    assert image.getpixel((0, 0)) == image.getpixel((80, 25)) == BLACK
    assert image.getpixel((200, 80)) == image.getpixel((120, 45)) == (0x97, 0xA3, 0xFF)


def test_a_picture_is_not_sent_while_it_is_still_being_blackened(signed_in: Page, hub: LocalHub) -> None:
    page = signed_in
    open_report(page)
    page.get_by_label("What went wrong?").fill("A name was seen.")
    choose(page, picture(240, 90))
    page.evaluate(f"() => {{ {HOLD_DRAWING} }}")
    told = page.get_by_role("dialog").get_by_role("status")
    page.get_by_role("application", name="Draw on the screenshot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    report = page.get_by_role("button", name="Report bug")
    expect(report).to_be_disabled()
    expect(told).not_to_have_text("It is black.")
    page.evaluate("() => goOn()")
    expect(told).to_have_text("It is black.")
    report.click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    image = kept_picture(hub, newest(hub)["id"]).convert("RGB")
    assert image.getpixel((120, 45)) == BLACK and image.getpixel((10, 10)) == (0x97, 0xA3, 0xFF)


def test_a_stroke_of_the_pointer_is_taken_back_and_the_rest_cut_away(signed_in: Page, hub: LocalHub) -> None:
    page = signed_in
    open_report(page)
    page.get_by_label("What went wrong?").fill("Too much is seen.")
    choose(page, picture(240, 90))
    sheet = page.get_by_role("application", name="Draw on the screenshot")

    def draw(across: tuple[int, int], down: tuple[int, int]) -> None:
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + across[0], box["y"] + down[0])
        page.mouse.down()
        page.mouse.move(box["x"] + across[1], box["y"] + down[1], steps=4)
        page.mouse.up()

    undo = page.get_by_role("dialog").get_by_role("button", name="Undo")
    draw((0, 60), (0, 60))
    expect(undo).to_be_enabled()
    undo.click()
    expect(undo).to_be_disabled()
    page.get_by_role("dialog").get_by_text("Crop", exact=True).click()
    draw((20, 120), (10, 50))
    expect(undo).to_be_enabled()
    page.get_by_role("button", name="Report bug").click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    image = kept_picture(hub, newest(hub)["id"]).convert("RGB")
    assert abs(image.width - 100) <= 2 and abs(image.height - 40) <= 2
    assert image.getcolors() == [(image.width * image.height, (0x97, 0xA3, 0xFF))]


def test_bugs_are_found_and_become_a_task(signed_in: Page, hub: LocalHub, project: int, shots: Path) -> None:
    page = signed_in
    hub.client.post("/bugs", title="The drawer <b>sticks</b>", severity="high", project_id=project)
    hub.client.post("/bugs", title="The paper is white", severity="low")
    page.get_by_role("navigation", name="Hub").get_by_role("link", name="Bugs").click()
    table = page.get_by_role("table")
    expect(table).to_contain_text("The paper is white")
    check_accessible(page)
    shoot(page, shots, "bugs")
    page.get_by_role("textbox", name="Words").fill("drawer")
    expect(page).to_have_url(re.compile("text=drawer"))
    expect(table).not_to_contain_text("The paper is white")
    page.reload()
    page.get_by_role("link", name="The drawer <b>sticks</b>").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The drawer <b>sticks</b>")
    page.get_by_role("button", name="Make a task of it").click()
    link = page.get_by_role("link", name="The task that was made of it")
    expect(link).to_be_visible()
    page.set_viewport_size(PHONE)
    check_accessible(page)
    shoot(page, shots, "bug-page-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(WIDE)
    link.click()
    expect(page.get_by_role("complementary")).to_contain_text("The drawer <b>sticks</b>")


def test_a_bug_is_closed_and_opened_again(signed_in: Page, hub: LocalHub) -> None:
    page = signed_in
    bug = hub.client.post("/bugs", title="It hums")
    page.goto(f"{hub.client.url}/chat.html?view=bugs&bug={bug['id']}")
    page.get_by_role("button", name="It is fixed").click()
    expect(page).not_to_have_url(re.compile("bug="))
    assert hub.client.get(f"/bugs/{bug['id']}")["state"] == "fixed"
    page.goto(f"{hub.client.url}/chat.html?view=bugs&bug={bug['id']}")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_role("button", name="It is fixed")).to_be_visible()
    page.goto(f"{hub.client.url}/chat.html?view=bugs&bug=999999")
    expect(page.get_by_text("It was removed; the list has the others.")).to_be_visible()
