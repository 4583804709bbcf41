"""A local server that answers as Asana's API 1.0 does: envelopes, pages, fields by `opt_fields`, error bodies, limits.

Written from the published description (https://github.com/Asana/openapi, defs/asana_oas.yaml) and its pages on errors,
pagination, rate limits and input/output options.
"""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "2/1200/1300:9f8e7d6c5b4a39281706f5e4d3c2b1a0"
HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)
Row = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class AsanaServer:
    """What it holds, by gid, and what it was asked. `faults` are answered first, one for each request."""

    workspaces: list[Row] = field(default_factory=list[Row])
    projects: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])  # by workspace
    tasks: dict[str, Row] = field(default_factory=dict[str, Row])
    in_project: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    stories: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])  # by task
    attachments: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])  # by attachment
    faults: list[web.Response] = field(default_factory=list[web.Response])
    asked: list[str] = field(default_factory=list[str])
    file_headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    broken: str = ""  # what is asked for below this path is answered by 500
    page_limit: int = 100
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/1.0"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._door])
        api = "/api/1.0"
        app.add_routes(
            [
                web.get(f"{api}/users/me", self._me),
                web.get(f"{api}/workspaces", self._list(lambda _: self.workspaces)),
                web.get(f"{api}/workspaces/{{gid}}/projects", self._list(self._projects)),
                web.get(f"{api}/projects/{{gid}}/tasks", self._list(self._project_tasks)),
                web.get(f"{api}/tasks/{{gid}}", self._task),
                web.get(f"{api}/tasks/{{gid}}/subtasks", self._list(self._subtasks)),
                web.get(f"{api}/tasks/{{gid}}/stories", self._list(self._stories)),
                web.get(f"{api}/attachments", self._list(self._attachments)),
                web.get(f"{api}/attachments/{{gid}}", self._attachment),
                web.get("/files/{gid}", self._file),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(f"{request.path}?{request.query_string}" if request.query_string else request.path)
        if request.path.startswith("/files/"):
            return await handler(request)
        if self.faults:
            return self.faults.pop(0)
        if self.broken and request.path.endswith(self.broken):
            return refused(500, "Server Error")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refused(401, "Not Authorized")
        try:
            return await handler(request)
        except LookupError as error:
            return refused(404, f"{error.args[0]}: Unknown object: {error.args[1]}")
        except web.HTTPNotFound:
            return refused(404, "No matching route for request")

    async def _me(self, request: web.Request) -> web.Response:
        me = {"gid": "1100", "resource_type": "user", "name": "Greta Till", "email": "greta@till.example",
              "photo": None, "workspaces": self.workspaces}  # fmt: skip
        return _data(chosen(me, request))

    def _projects(self, request: web.Request) -> list[Row]:
        gid = request.match_info["gid"]
        if gid not in self.projects:
            raise LookupError("workspace", gid)
        return self.projects[gid]

    def _project_tasks(self, request: web.Request) -> list[Row]:
        gid = request.match_info["gid"]
        if gid not in self.in_project:
            raise LookupError("project", gid)
        return [self.tasks[one] for one in self.in_project[gid]]

    def _subtasks(self, request: web.Request) -> list[Row]:
        gid = self._known(request)
        return [task for task in self.tasks.values() if (task.get("parent") or {}).get("gid") == gid]

    async def _task(self, request: web.Request) -> web.Response:
        return _data(chosen(self.tasks[self._known(request)], request))

    def _stories(self, request: web.Request) -> list[Row]:
        return self.stories.get(self._known(request), [])

    def _attachments(self, request: web.Request) -> list[Row]:
        parent = request.query.get("parent", "")
        if parent not in self.tasks:
            raise LookupError("parent", parent)
        return self.attachments.get(parent, [])

    async def _attachment(self, request: web.Request) -> web.Response:
        gid = request.match_info["gid"]
        for row in [row for rows in self.attachments.values() for row in rows]:
            if row["gid"] == gid:
                at = f"http://127.0.0.1:{self.port}/files/{gid}" if gid in self.files else None
                return _data(chosen({"download_url": at, **row}, request))
        raise LookupError("attachment", gid)

    async def _file(self, request: web.Request) -> web.Response:
        self.file_headers.append(dict(request.headers))
        return web.Response(body=self.files[request.match_info["gid"]])

    def _known(self, request: web.Request) -> str:
        gid = request.match_info["gid"]
        if gid not in self.tasks:
            raise LookupError("task", gid)
        return gid

    def _list(self, rows_of: Callable[[web.Request], list[Row]]) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            rows = rows_of(request)
            limit = int(request.query.get("limit", "0"))
            if not 1 <= limit <= 100:
                return refused(400, "limit: Must be between 1 and 100")
            start = 0
            if (offset := request.query.get("offset")) is not None:
                if not (found := re.fullmatch(r"page(\d+)", offset)):
                    return refused(400, "offset: Your pagination token is invalid.")
                start = int(found[1])
            end = start + min(limit, self.page_limit)
            following = None
            if end < len(rows):
                path = f"{request.path.removeprefix('/api/1.0')}?limit={limit}&offset=page{end}"
                following = {"offset": f"page{end}", "path": path, "uri": f"{self.url}{path}"}
            told = [chosen(row, request) for row in rows[start:end]]
            return web.json_response({"data": told, "next_page": following})

        return answer


def refused(status: int, message: str, **headers: str) -> web.Response:
    """Asana's error body; a 500 has a phrase instead of a help."""
    error = {"message": message, "phrase": "6 sad squid snuggle softly"} if status >= 500 else {
        "message": message, "help": HELP}  # fmt: skip
    return web.json_response({"errors": [error]}, status=status, headers=headers)


def chosen(row: Row, request: web.Request) -> Row:
    """The compact record, and of the rest what `opt_fields` names."""
    asked = [name for name in request.query.get("opt_fields", "").split(",") if name]
    return _only(row, asked or ["name"])


def _only(row: Row, asked: list[str]) -> Row:
    told: Row = {name: row[name] for name in ("gid", "resource_type") if name in row}
    for name in {one.partition(".")[0] for one in asked}:
        if name not in row:
            continue
        below = [rest for one in asked for first, _, rest in [one.partition(".")] if first == name and rest]
        value = row[name]
        if below and isinstance(value, list):
            value = [_only(one, below) for one in value]
        elif below and isinstance(value, dict):
            value = _only(value, below)
        told[name] = value
    return told


def _data(row: Row) -> web.Response:
    return web.json_response({"data": row})


def task(gid: str, name: str, **more: Any) -> Row:
    """A whole task record, as the description has it."""
    return {
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": name, "notes": "",
        "html_notes": "<body></body>", "completed": False, "completed_at": None, "assignee": None, "parent": None,
        "dependencies": [], "num_subtasks": 0, "due_on": None, "due_at": None, "tags": [], "custom_fields": [],
        "memberships": [], "permalink_url": f"https://app.asana.com/0/0/{gid}",
        "created_at": "2026-11-01T08:00:00.000Z", "modified_at": "2026-11-02T09:30:00.000Z", **more,
    }  # fmt: skip


@contextmanager
def serving(server: AsanaServer) -> Iterator[AsanaServer]:
    """In a thread of its own, for what is asked by another process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
