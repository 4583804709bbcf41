"""Signing in by a link that was clicked elsewhere, in a real browser: what an attack looks like, and is none."""

from playwright.sync_api import Browser, Page

from tests.attacks.conftest import PATIENCE, Victim


def session_status(page: Page) -> int:
    return page.evaluate("async () => (await fetch('/session')).status")


def test_a_link_clicked_in_a_page_of_another_site_signs_in(browser: Browser, victim: Victim, elsewhere: int) -> None:
    """`localhost` and `127.0.0.1` are two sites. The strict cookie comes with the answer, and counts from then on."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    page.goto(f"http://localhost:{elsewhere}/")
    link = victim.client.post("/login/links").json()["url"]
    page.evaluate("to => { document.querySelector('#link').href = to }", link)
    page.click("#link")
    page.wait_for_url("**/chat.html")
    assert page.title() == "The hub's page"
    assert session_status(page) == 200
    [cookie] = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert page.evaluate("document.cookie") == "", "no script can read it"
    page.reload()
    assert session_status(page) == 200
    signed_out = page.evaluate("async () => (await fetch('/session', {method: 'DELETE'})).status")
    assert (signed_out, session_status(page)) == (204, 401)
    context.close()
