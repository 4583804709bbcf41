"""The header's own: how the hub is, and the way to report a bug of it."""

import re
import struct
import zlib
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect

from tests.support.local_hub import LocalHub
from tests.ui.conftest import check_accessible, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}
SAID = "The total is wrong after a refund.\nI had expected 3.00."


def picture(width: int = 240, height: int = 90) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x97\xa3\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def open_report(page: Page) -> None:
    page.get_by_role("button", name="Look, bugs and session").click()
    page.get_by_role("menuitem", name="Report a bug").click()
    expect(page.get_by_role("dialog", name="Report a bug")).to_be_visible()


def bugs(hub: LocalHub) -> list[dict[str, Any]]:
    return list(hub.client.get("/bugs"))


def test_a_bug_is_reported_with_its_picture(signed_in: Page, hub: LocalHub, shots: Path) -> None:
    page = signed_in
    open_report(page)
    page.get_by_label("What went wrong?").fill(SAID)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a screenshot").click()
    chooser.value.set_files({"name": "till.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.get_by_alt_text("The screenshot that will be sent")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Chrome \d+ on Linux"))).to_be_visible()
    shoot(page, shots, "bug")
    check_accessible(page)
    page.set_viewport_size(PHONE)
    shoot(page, shots, "bug-phone")
    page.get_by_role("button", name="Report bug").click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    bug = bugs(hub)[0]
    assert (bug["title"], bug["description"]) == ("The total is wrong after a refund.", SAID)
    assert bug["page"].startswith("/chat.html") and bug["browser"].startswith("Chrome ") and bug["project_id"] is None
    (kept,) = hub.client.get("/attachments", bug_id=bug["id"])
    assert (kept["media_type"], kept["size"]) == ("image/png", len(picture()))


def test_what_was_written_survives_a_picture_that_is_refused(signed_in: Page, hub: LocalHub) -> None:
    page = signed_in
    before = len(bugs(hub))
    page.route("**/attachments", lambda route: route.fulfill(
        status=413, content_type="application/problem+json",
        body='{"code": "file_too_large", "detail": "The file is too large.", "way_out": "Send less."}',
    ))  # fmt: skip
    open_report(page)
    page.get_by_label("What went wrong?").fill("It blinks.")
    page.evaluate(
        """async (bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
          const box = document.querySelector("[role=dialog] textarea");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(picture()),
    )
    expect(page.get_by_alt_text("The screenshot that will be sent")).to_be_visible()
    page.get_by_role("button", name="Report bug").click()
    expect(page.get_by_text("its screenshot was not taken")).to_be_visible()
    page.unroute("**/attachments")
    page.get_by_role("button", name="Send the screenshot again").click()
    expect(page.get_by_text("is reported. Thank you.")).to_be_visible()
    assert len(bugs(hub)) == before + 1, "it is one bug, whatever happened to its picture"


def test_the_dot_tells_how_the_hub_is(signed_in: Page, shots: Path) -> None:
    page = signed_in
    page.get_by_role("button", name="Health of the hub").click()
    parts = page.get_by_role("dialog", name="Health of the hub").get_by_role("listitem")
    expect(parts.filter(has_text="Orchestrator")).to_contain_text("1 orchestrator")
    expect(parts.filter(has_text="Agents")).to_contain_text("jobs running")
    assert parts.count() >= 7
    shoot(page, shots, "health")
    check_accessible(page)
    page.set_viewport_size(PHONE)
    shoot(page, shots, "health-phone")
    page.keyboard.press("Escape")
    expect(parts.first).to_be_hidden()


FEWEST_BUTTONS = """() => new Promise((done) => {
  const now = () => document.querySelectorAll("header button").length;
  const first = now();
  let fewest = first;
  const watch = new MutationObserver(() => { fewest = Math.min(fewest, now()); });
  watch.observe(document.querySelector("header"), { childList: true, subtree: true });
  setTimeout(() => { watch.disconnect(); done([first, fewest]); }, 3500);
})"""


def test_nothing_of_the_head_is_gone_while_its_menus_come(signed_in: Page) -> None:
    signed_in.reload()
    signed_in.get_by_role("button", name="Pause all").wait_for()
    first, fewest = signed_in.evaluate(FEWEST_BUTTONS)
    assert fewest == first >= 4
