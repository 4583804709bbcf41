"""Who a loaded hub serves: people and programs that read and write, and pages that follow its events."""

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

MOST_TASKS = 5  # a visitor's own; more are deleted, so that the board stays of one size
SLOW_SECONDS = 0.3
CUT_EVERY_SECONDS = 3.0


@dataclass
class Score:
    """What all visitors met: seconds by what was asked, and every answer that should not have been."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """One client with one connection. It asks, thinks for about `pause` seconds, and asks again."""

    http: aiohttp.ClientSession
    score: Score
    projects: list[int]
    pause: float
    dice: random.Random
    own: list[int] = field(default_factory=list)

    async def visit(self, until: float) -> None:
        reads: list[tuple[Callable[[], Awaitable[Any]], int]] = [
            (self.board, 15), (self.tasks, 15), (self.task, 15), (self.lists, 20), (self.comments, 5),
        ]  # fmt: skip
        writes = [(self.new_task, 8), (self.comment, 10), (self.edit, 7), (self.move, 5)]
        asked, weights = zip(*(reads + writes), strict=True)
        await asyncio.sleep(self.dice.random() * self.pause * 2)
        while time.monotonic() < until:
            await self.dice.choices(asked, weights)[0]()
            await asyncio.sleep(self.dice.random() * self.pause * 2)

    async def board(self) -> None:
        await self.ask("the board of a project", "GET", f"/board?project_id={self.project()}")

    async def tasks(self) -> None:
        await self.ask("tasks of a project", "GET", f"/projects/{self.project()}/tasks?limit=50&sort=-priority")

    async def lists(self) -> None:
        path = self.dice.choice(("/runs", "/inbox", "/summary", "/events?after=0&limit=50", "/search?q=total"))
        await self.ask(path.partition("?")[0], "GET", path)

    async def task(self) -> None:
        await self.ask("one task", "GET", f"/tasks/{await self.mine()}")

    async def comments(self) -> None:
        await self.ask("comments of a task", "GET", f"/tasks/{await self.mine()}/comments")

    async def new_task(self) -> int:
        body = {"project_id": self.project(), "title": "Round the total", "description": "To five cents. " * 20}
        made = await self.ask("a new task", "POST", "/tasks", body)
        if made is not None:
            self.own.append(made["id"])
        if len(self.own) > MOST_TASKS:
            await self.ask("delete a task", "DELETE", f"/tasks/{self.own.pop(0)}")
        return self.own[-1] if self.own else 0

    async def comment(self) -> None:
        path = f"/tasks/{await self.mine()}/comments"
        await self.ask("a comment", "POST", path, {"body": "The **total** belongs in the last line."})

    async def edit(self) -> None:
        path = f"/tasks/{await self.mine()}"
        if (row := await self.ask("one task", "GET", path)) is not None:
            body = {"version": row["version"], "priority": self.dice.randint(1, 10)}
            await self.ask("edit a task", "PATCH", path, body)

    async def move(self) -> None:
        await self.ask("move a card", "POST", "/board/moves", {"task_id": await self.mine(), "stage": "backlog"})

    async def mine(self) -> int:
        return self.dice.choice(self.own) if self.own else await self.new_task()

    def project(self) -> int:
        return self.dice.choice(self.projects)

    async def ask(self, name: str, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON; None after a failure, which the score keeps."""
        begun = time.perf_counter()
        try:
            async with self.http.request(method, path, json=body) as answer:
                content = await answer.read()
                if answer.status >= 400:
                    self.score.errors.append(f"{method} {path}: {answer.status} {content[:200]!r}")
                    return None
        except (aiohttp.ClientError, TimeoutError) as error:
            self.score.errors.append(f"{method} {path}: {type(error).__name__} {error}")
            return None
        self.score.taken[name].append(time.perf_counter() - begun)
        return json.loads(content) if content else {}


@dataclass
class Reader:
    """A page that follows the events. `kind`: quick, slow, cut (goes away and comes back), or one project's."""

    http: aiohttp.ClientSession
    kind: str
    after: int
    project_id: int | None = None
    seen: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Until cancelled. A line that ends by itself is an error."""
        last = self.after
        while True:
            query = f"after={last}" + (f"&project_id={self.project_id}" if self.project_id else "")
            async with self.http.ws_connect(f"/ws/events?{query}", max_msg_size=0) as socket:
                last = await self._follow(socket, last)

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse, last: int) -> int:
        until = time.monotonic() + CUT_EVERY_SECONDS
        while self.kind != "cut" or self.over.is_set() or time.monotonic() < until:
            try:
                message = await socket.receive(timeout=1.0 if self.kind == "cut" else None)
            except TimeoutError:
                continue
            if message.type is not aiohttp.WSMsgType.TEXT:
                self.errors.append(f"{self.kind} reader: closed by the hub ({socket.close_code})")
                return last
            event = json.loads(message.data)
            if event["kind"].startswith("hub.") or event["kind"] == "run.activity":
                continue
            last = event["seq"]
            self.seen.append(last)
            if self.kind == "slow" and not self.over.is_set() and len(self.seen) % 20 == 0:
                await asyncio.sleep(SLOW_SECONDS)
        return last


def reader_kind(number: int) -> str:
    """Of ten, seven are quick; the others each have their own trouble."""
    return {7: "slow", 8: "cut", 9: "project"}.get(number % 10, "quick")
