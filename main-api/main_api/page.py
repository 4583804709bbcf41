"""The page's files, open to everyone: they hold no data. All they show comes over the API, which asks who you are."""

import os
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

PAGE = "/chat.html"
OPEN_PATHS = frozenset({"/", PAGE, "/favicon.svg", "/favicon.ico"})
ASSETS = "/assets/"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"  # a file's name holds its content's hash
ASK_FIRST = "no-cache"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Workflow Hub</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;color-scheme:light dark}
code{background:#8882;padding:.1em .4em;border-radius:4px}</style>
<h1>The page is not built yet</h1>
<p>The hub itself runs: its API, <code>wf</code> and the demo work without the page.</p>
<p>Run <code>./start.sh</code>, which builds it and says why when it can't, or build it by hand:</p>
<p><code>cd static &amp;&amp; npm ci --ignore-scripts &amp;&amp; npm run build</code></p>
<p>Then load this page again; the hub need not be stopped.</p>
"""

router = APIRouter(include_in_schema=False)


class PageFiles(StaticFiles):
    """Files of a folder that may not be there yet, with the page's headers."""

    def __init__(self, folder: Path, cache: str) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._cache = cache

    async def check_config(self) -> None:
        """A folder that is not there has no files: 404, and not a fault of the hub."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return ("", None) if "\0" in path else super().lookup_path(path)

    def file_response(self, *args, **kwargs) -> Response:  # type: ignore[no-untyped-def] - as its parent has it
        response = super().file_response(*args, **kwargs)
        response.headers.update(HEADERS | {"Cache-Control": self._cache})
        return response


def install(app: FastAPI, folder: Path) -> None:
    """The page's routes. Files with a hash in their name are kept for ever, the others are asked for again."""
    app.state.page_files = PageFiles(folder, ASK_FIRST)
    app.include_router(router)
    app.mount(ASSETS.rstrip("/"), PageFiles(folder / "assets", FOR_EVER), name="assets")


@router.get("/")
async def root(request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{PAGE}{query}", 307)


@router.api_route(PAGE, methods=["GET", "HEAD"])
async def chat(request: Request) -> Response:
    try:
        return await _file(request, "chat.html")
    except HTTPException:
        return HTMLResponse(NOT_BUILT, 503, HEADERS | {"Cache-Control": "no-store", "Retry-After": "30"})


@router.api_route("/favicon.svg", methods=["GET", "HEAD"])
async def favicon(request: Request) -> Response:
    return await _file(request, "favicon.svg")


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
async def old_favicon() -> RedirectResponse:
    """Asked for by browsers that show something else of ours, such as a JSON answer."""
    return RedirectResponse("/favicon.svg", 308)


async def _file(request: Request, name: str) -> Response:
    """Raises HTTPException 404 where there is none."""
    files: PageFiles = request.app.state.page_files
    return await files.get_response(name, request.scope)
