"""The page's files: open to everyone, with the headers that keep other pages out, and nothing else of the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from main_api.app import create_app
from main_api.page import CSP
from main_api.settings import MainSettings


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A built page, small."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "chat.html").write_text("<!doctype html><title>Workflow Hub</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "chat-a1b2.js").write_text("export {}")
    (folder / "assets" / "chat-a1b2.css").write_text("a{}")
    (tmp_path / "secret.txt").write_text("s3cr3t")
    (folder / "assets" / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
async def visitor(settings: MainSettings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Who is not signed in."""
    app = create_app(settings.model_copy(update={"static_dir": tmp_path / "dist"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as client:
            yield client


async def test_the_root_leads_to_the_page_with_its_place(visitor: httpx.AsyncClient, dist: Path) -> None:
    answer = await visitor.get("/?project=1&view=inbox")
    assert (answer.status_code, answer.headers["location"]) == (307, "/chat.html?project=1&view=inbox")
    assert (await visitor.get("/")).headers["location"] == "/chat.html"


async def test_the_page_comes_with_its_headers(visitor: httpx.AsyncClient, dist: Path) -> None:
    page = await visitor.get("/chat.html?project=1")
    assert page.status_code == 200 and "Workflow Hub" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"] == CSP
    assert "unsafe-inline" not in CSP.partition("style-src")[0], "no script but the page's own files"
    assert page.headers["cache-control"] == "no-cache"
    assert (page.headers["x-content-type-options"], page.headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "frame-ancestors 'none'" in CSP
    same = await visitor.get("/chat.html", headers={"If-None-Match": page.headers["etag"]})
    assert (same.status_code, same.text) == (304, "")
    assert same.headers["cache-control"] == "no-cache"
    assert (await visitor.head("/chat.html")).status_code == 200
    assert (await visitor.get("/favicon.svg")).headers["content-type"] == "image/svg+xml"


async def test_what_has_a_hash_in_its_name_is_kept_for_ever(visitor: httpx.AsyncClient, dist: Path) -> None:
    for name, kind in (("chat-a1b2.js", "text/javascript"), ("chat-a1b2.css", "text/css")):
        asset = await visitor.get(f"/assets/{name}")
        assert asset.status_code == 200 and asset.headers["content-type"].startswith(kind)
        assert "immutable" in asset.headers["cache-control"]
    gone = await visitor.get("/assets/chat-0000.js")
    assert (gone.status_code, gone.json()["code"]) == (404, "http_404")
    assert "immutable" not in gone.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/assets/way-out.txt", "/assets/%00", "/assets/", "/assets",
    ],
)  # fmt: skip
async def test_nothing_else_of_the_disk_is_served(visitor: httpx.AsyncClient, dist: Path, path: str) -> None:
    answer = await visitor.get(httpx.URL("http://127.0.0.1:8002").copy_with(raw_path=path.encode()))
    assert answer.status_code in ((422,) if "%00" in path else (307, 401, 404)), answer.text
    assert "s3cr3t" not in answer.text and "root:" not in answer.text


async def test_a_page_that_is_not_built_says_what_to_run(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/chat.html")
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "./start.sh" in page.text and "npm run build" in page.text
    assert page.headers["content-security-policy"] == CSP
    assert (await visitor.get("/favicon.svg")).status_code == 404
    assert (await visitor.get("/assets/chat-a1b2.js")).status_code == 404


async def test_a_page_built_later_is_served_without_a_restart(visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    assert (await visitor.get("/chat.html")).status_code == 503
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "chat.html").write_text("built")
    assert (await visitor.get("/chat.html")).text == "built"


async def test_the_page_is_open_and_the_rest_is_not(visitor: httpx.AsyncClient, dist: Path) -> None:
    for path in ("/board", "/summary", "/session", "/openapi.json", "/chat.html/x", "/chat", "/assetsx/a"):
        assert (await visitor.get(path)).status_code == 401, path
    assert (await visitor.post("/chat.html")).status_code == 405
    rebound = await visitor.get("/chat.html", headers={"Host": "evil.example"})
    assert (rebound.status_code, rebound.json()["code"]) == (421, "host_refused")
