"""Web pages of others, in the browser where the hub is open: they read nothing and change nothing.

Each attack is shown to work where the door's protection is off, which only a test can do.
"""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from main_api import auth, downloads, page
from main_api.auth import Door
from tests.attacks.conftest import ELSEWHERE, PATIENCE, REBOUND, TOKEN, Victim

ATTACKS = Path(__file__).with_name("attacks.js").read_text(encoding="utf-8")
HARMLESS = {
    "read": {"failed"}, "readOpen": {"failed"}, "patch": {"failed"}, "script": {"refused"}, "style": {"refused"},
    "image": {"refused"}, "socket": {"closed"},
}  # fmt: skip


@pytest.fixture
def unprotected(monkeypatch: pytest.MonkeyPatch):
    """Switches off what keeps pages from elsewhere out; who is signed in is still asked."""

    def switch_off() -> None:
        for check in ("_check_host", "_check_origin", "_check_fetch_site", "_check_own_page"):
            monkeypatch.setattr(Door, check, lambda *_: None)
        monkeypatch.setattr(auth, "with_safe_headers", lambda send: send)
        monkeypatch.setattr(downloads, "SAFE", {})
        monkeypatch.setattr(page, "HEADERS", {})

    return switch_off


def attack(evil: Page, victim: Victim) -> dict[str, str]:
    return evil.evaluate(
        ATTACKS, [victim.http, victim.http.replace("http", "ws") + "/ws/events", victim.task, victim.picture]
    )


def held(came: dict[str, str]) -> bool:
    return all(came[name] in good for name, good in HARMLESS.items())


async def nobody_asks(*_: object) -> None:
    """In the place of who is signed in: from here a browser brings no cookie, and everybody is let in all the same."""


def in_frame(evil: Page) -> str:
    """What the attack's last frame shows: a page that can be seen can be clicked on unawares."""
    shown = [frame.content() for frame in evil.frames if frame.url.endswith("/chat.html")]
    return shown[-1] if shown else ""


def test_another_port_of_this_machine(evil: Page, victim: Victim, elsewhere: int, unprotected) -> None:
    """The nearest stranger: it is the same site to the browser, so the session's cookie comes along."""
    evil.goto(f"http://127.0.0.1:{elsewhere}/")
    before = victim.facts()
    came = attack(evil, victim)
    assert held(came), came
    assert victim.facts() == before
    assert "hub's page" not in in_frame(evil)
    unprotected()
    evil.goto(f"http://127.0.0.1:{elsewhere}/")
    came = attack(evil, victim)
    assert came["socket"].startswith("heard") and came["image"] == "loaded" and came["script"] == "loaded", came
    assert victim.gains(before, login_codes=3), "post, beacon, form"
    assert victim.gains(before, attachments=2), "upload, form"
    assert "hub's page" in in_frame(evil), "it can be framed"


def test_another_site(evil: Page, victim: Victim, elsewhere: int, unprotected, monkeypatch: pytest.MonkeyPatch) -> None:
    """From there the browser keeps the strict cookie back; the other locks hold without that."""
    evil.goto(f"http://{ELSEWHERE}:{elsewhere}/")
    before = victim.facts()
    came = attack(evil, victim)
    assert held(came) and victim.facts() == before, came
    monkeypatch.setattr(Door, "_check_caller", nobody_asks)
    came = attack(evil, victim)
    assert held(came) and victim.facts() == before, came
    unprotected()
    came = attack(evil, victim)
    assert came["socket"].startswith("heard") and victim.gains(before, login_codes=3), came


def test_a_page_without_an_origin(
    evil: Page, victim: Victim, elsewhere: int, unprotected, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sandboxed pages, and those of files, send `Origin: null`, or none."""
    evil.goto(f"http://127.0.0.1:{elsewhere}/sandboxed")
    assert evil.evaluate("origin") == "null"
    monkeypatch.setattr(Door, "_check_caller", nobody_asks)
    before = victim.facts()
    came = attack(evil, victim)
    assert held(came) and victim.facts() == before, came
    unprotected()
    came = attack(evil, victim)
    assert came["socket"].startswith("heard") and victim.gains(before, login_codes=3), came


REBIND = """async (token) => {
  const health = await fetch("/health");
  const guess = await fetch("/login", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }),
  });
  const mine = await fetch("/projects");
  return [health.status, (await health.text()).includes("version"), guess.status, mine.status];
}"""


def test_a_name_that_is_rebound_to_this_machine(evil: Page, victim: Victim, unprotected) -> None:
    """The page comes from its own server; then its name leads here, and to the browser the hub is its own origin."""
    address = f"http://{REBOUND}:{victim.port}/"
    evil.route(address, lambda route: route.fulfill(content_type="text/html", body="<title>mine</title>"), times=1)
    evil.goto(address)
    assert evil.title() == "mine"
    before = victim.facts()
    assert evil.evaluate(REBIND, TOKEN) == [421, False, 421, 421]
    assert victim.facts() == before
    unprotected()
    assert evil.evaluate(REBIND, TOKEN) == [200, True, 204, 200], "it reads, guesses, and is in when it guessed"


def test_a_window_that_was_opened(evil: Page, victim: Victim, elsewhere: int, unprotected) -> None:
    """Whoever opens the hub keeps no hold of its window: not to count its frames, nor to lead it to a false page."""

    def opens() -> None:
        with evil.context.expect_page() as shown:
            evil.evaluate("(hub) => { window.opened = open(hub + '/chat.html?' + Math.random()); }", victim.http)
        expect(shown.value).to_have_title("The hub's page", timeout=1000 * PATIENCE)

    evil.goto(f"http://127.0.0.1:{elsewhere}/")
    opens()
    evil.wait_for_function("opened.closed")
    unprotected()
    opens()
    assert evil.evaluate("opened.closed") is False


def test_the_owners_own_page_goes_on_working(signed_in: BrowserContext, victim: Victim) -> None:
    mine = signed_in.new_page()
    mine.goto(victim.http)
    came = mine.evaluate(
        """async ([task, picture]) => {
          const made = await fetch("/login/links", { method: "POST" });
          const body = new FormData();
          body.append("file", new Blob(["mine"]), "mine.txt");
          const put = await fetch(`/tasks/${task}/attachments`, { method: "POST", body });
          const image = new Image();
          image.src = picture;
          await image.decode();
          const heard = await new Promise((resolve) => {
            new WebSocket(location.origin.replace("http", "ws") + "/ws/events?after=0").onmessage = () => resolve(true);
          });
          return [made.status, put.status, image.width, heard];
        }""",
        [victim.task, victim.picture],
    )
    assert came == [201, 201, 1, True]
