"""`wf watch`: the board, what runs say and what waits for you, live in a terminal."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Footer, Static

from services.cli.watch.board import Board
from services.cli.watch.cards import top_line
from services.cli.watch.dialogs import Help
from services.cli.watch.facts import EMPTY, Facts, of_item, of_task
from services.cli.watch.inbox import Inbox
from services.cli.watch.news import News
from services.cli.watch.output import Output
from services.cli.watch.saying import Saying
from services.cli.watch.stream import Standing, frames
from services.demo.hub_client import HubClient
from services.domain.errors import HubError

Json = dict[str, Any]
DRAW_SECONDS = 0.1
TELL_SECONDS = 0.5  # the shortest time between two redraws of what runs do: all cards may differ
READ_SECONDS = 0.5  # the same between two looks at the hub's tables
CLOCK_SECONDS = 5.0
CARDS = 50  # of each column
PARTS = 5  # of the screen, which go one by one
BINDINGS = [
    ("a", "say('approve')", "Approve"), ("c", "say('request_changes')", "Send back"), ("r", "say('reject')", "Reject"),
    ("f", "tell", "Tell"), ("p", "pause", "Pause"), ("i", "inbox", "Inbox"), ("b", "board", "Board"),
    ("question_mark", "help", "Keys"), ("q", "quit", "Leave"),
]  # fmt: skip


class Watch(Saying, App[None]):
    """One hub, or one project of it."""

    CSS_PATH = Path(__file__).with_name("watch.tcss")
    TITLE = "Workflow Hub"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [  # noqa: RUF012
        *BINDINGS, ("P", "pause_all", ""), ("escape", "back", ""),
        *((str(number), f"project({number})", "") for number in range(10)),
    ]  # fmt: skip

    def __init__(
        self, client: HubClient, project: Json | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__()
        self.client, self.project, self._now = client, project, now
        self.news = News()
        self.board: Json = {"columns": [], "seq": 0}
        self.summary: Json | None = None
        self.standing: Standing = "connecting"
        self._doing: dict[int, str] = {}
        self._scripted = False
        self._reading = False
        self.in_inbox = False
        self._read_at = self._told_at = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Vertical(id="middle"):
            yield Board(id="board")
            yield Inbox(id="inbox", classes="hidden")
            yield Facts(id="facts")
            yield Output(self.client, id="output")
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        await self._read()
        self.news.seq = self.board["seq"]
        self.run_worker(self._listen(), group="events")
        self.set_interval(DRAW_SECONDS, self._draw)
        self.set_interval(CLOCK_SECONDS, self._show_times)

    async def _listen(self) -> None:
        asked = {"project_id": self.project["id"]} if self.project else {}
        async for event in frames(
            self.client, "/ws/events", lambda: {**asked, "after": self.news.seq}, self._stands
        ):  # fmt: skip
            self.news.take(event)

    def _stands(self, standing: Standing) -> None:
        if standing == "live" and self.standing == "reconnecting":
            self.notify("The hub answers again.")
            self.news.stale = True
        self.standing = standing
        if not self._left:
            self._show_top()

    @property
    def _left(self) -> bool:
        """The screen is being taken down: what still comes in has no place."""
        return len(self.query("#top, #board, #inbox, #facts, #output")) < PARTS

    async def _draw(self) -> None:
        """A few times a second at most, whatever comes in."""
        if self._left or len(self.screen_stack) > 1:  # under a dialog nothing moves
            return
        clock = asyncio.get_running_loop().time()
        if self.news.doing and clock - self._told_at >= TELL_SECONDS:
            self._told_at = clock
            self._doing |= self.news.told()
            self.query_one(Board).redraw(self.board, self._doing, self._now())
        if self.news.stale and not self._reading and clock - self._read_at >= READ_SECONDS:
            self.news.stale = False
            self._reading = True
            self.run_worker(self._read(), group="read")
        self._show_facts()

    async def _read(self) -> None:
        """The tables as they are now."""
        try:
            board, inbox, self.summary, session = await asyncio.to_thread(self._asked)
        except (HubError, httpx.HTTPError) as error:
            self.news.stale = True
            self._failed(error)
            return
        finally:
            self._reading, self._read_at = False, asyncio.get_running_loop().time()
        if self._left:
            return
        self.board, self._scripted = board, session["hub"]["scripted_model"]
        ids = {task["id"] for column in board["columns"] for task in column["tasks"] if task["state"] == "running"}
        self._doing = {task: words for task, words in self._doing.items() if task in ids}
        await self.query_one(Board).show(board, self._doing, self._now())
        self.query_one(Inbox).show(inbox["items"], self._now())
        self._show_top()

    def _asked(self) -> tuple[Json, Json, Json, Json]:
        asked = {"project_id": self.project["id"]} if self.project else {}
        get = self.client.get
        return get("/board", first=CARDS, **asked), get("/inbox", **asked), get("/summary"), get("/session")

    def _show_times(self) -> None:
        if not self._left:
            self.query_one(Board).redraw(self.board, self._doing, self._now())

    def _show_top(self) -> None:
        name = f"{self.project['key']} {self.project['name']}" if self.project else "All projects"
        self.query_one("#top", Static).update(top_line(self.summary, name, self.standing, self._scripted))

    def _show_facts(self) -> None:
        """Of the chosen card or item: what it is, and what its run says or what it changes."""
        facts, output, board = self.query_one(Facts), self.query_one(Output), self.query_one(Board)
        if self.in_inbox:
            item = self.query_one(Inbox).item
            facts.tell(of_item(item) if item else Text())
            output.look_at(item["task_id"] if item else None, change=item["patch_id"] if item else None)
            return
        task = board.chosen_task
        if task is None:
            facts.tell(Text("" if board.tasks else EMPTY))
            output.look_at(None)
            return
        facts.tell(of_task(task))
        asked = f"{task['head_sha']}" if task["waiting_reason"] == "approval" else None
        output.look_at(task["id"], task["current_run_id"], asked)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, HubError):
            self.notify(f"{error.sentence} {error.way_out}", severity="error")
        elif self.standing == "live":
            self._stands("reconnecting")

    def on_option_list_option_selected(self) -> None:
        """Enter on a card or an item."""
        self.action_output()

    def action_inbox(self) -> None:
        self._switch(inbox=True)

    def action_board(self) -> None:
        self._switch(inbox=False)

    async def action_back(self) -> None:
        """From the whole output to where it was chosen, else to the board."""
        self._switch(inbox=self.in_inbox and self.query_one(Output).has_class("-alone"))

    def action_output(self) -> None:
        """All of the screen, and back."""
        output = self.query_one(Output)
        if output.has_class("-alone"):
            self._switch(inbox=self.in_inbox)
            return
        output.add_class("-alone")
        output.can_focus = True
        self.query("#board, #inbox").add_class("hidden")
        output.focus()

    def action_help(self) -> None:
        self.push_screen(Help())

    async def action_project(self, number: int) -> None:
        """0 is all of them."""
        projects = (self.summary or {}).get("projects", [])
        if number > len(projects):
            return
        self.project = projects[number - 1] if number else None
        self.workers.cancel_group(self, "events")
        await self._read()
        self.run_worker(self._listen(), group="events")

    def _switch(self, *, inbox: bool) -> None:
        self.in_inbox = inbox
        output = self.query_one(Output)
        output.remove_class("-alone")
        output.can_focus = False
        self.query_one(Board).set_class(inbox, "hidden")
        self.query_one(Inbox).set_class(not inbox, "hidden")
        if inbox:
            self.query_one(Inbox).focus()
        else:
            self.set_focus(None)
            self.query_one(Board).take_focus()
