"""A person's word by key: on the chosen card, or on the chosen item of the inbox."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx

from services.cli.find import INBOX, decided
from services.cli.outside import line
from services.cli.watch.board import Board
from services.cli.watch.dialogs import Ask, Sure
from services.cli.watch.inbox import Inbox
from services.cli.watch.output import Output
from services.demo.hub_client import HubClient
from services.domain.errors import HubError

if TYPE_CHECKING:
    from textual.app import App

    Base = App[None]
else:
    Base = object

Json = dict[str, Any]
GOES_ON = ("approve", "answer", "run", "retry", "push", "raise", "again", "accept")
NO = ("reject", "cancel", "close")
ASKED = {"answer": "Your answer", "request_changes": "What shall be different?"}


class Saying(Base):
    """The actions of the screen that change something. Each asks first, and tells what became of it."""

    client: HubClient
    in_inbox: bool

    def action_say(self, word: str) -> None:
        """`approve` stands for what lets it go on, `reject` for what ends it, whatever it waits for."""
        self.run_worker(self._say(word), group="say", exclusive=True)

    def action_tell(self) -> None:
        self.run_worker(self._tell(), group="say", exclusive=True)

    def action_pause(self) -> None:
        self.run_worker(self._pause(), group="say", exclusive=True)

    def action_pause_all(self) -> None:
        self.run_worker(self._pause_all(), group="say", exclusive=True)

    async def _say(self, word: str) -> None:
        item = await self._item()
        if item is None:
            return
        choices = GOES_ON if word == "approve" else NO if word == "reject" else (word,)
        decision = next((one for one in choices if one in item["may"]), None)
        if decision is None:
            self.notify(f"It takes: {', '.join(item['may'])}.", severity="warning")
            return
        words: Json = {}
        if decision in ASKED:
            question = item.get("question") or {}
            told = await self.push_screen_wait(Ask(ASKED[decision], question.get("text") or item["title"]))
            if told is None:
                return
            words = {"answer" if decision == "answer" else "note": told}
        elif not await self.push_screen_wait(Sure(f"{decision.title()}: {item['title']}?", item["sentence"])):
            return
        seen = self.query_one(Output).seen
        if item["patch_id"] and seen.get("task_id") == item["task_id"]:
            item = {**item, **seen}  # the change that was looked at, not one that came meanwhile
        done = await self._try(lambda: decided(self.client, item, decision, **words))
        if done is not None:
            self.notify(f"{line(item['title'])}: {done['decision'].replace('_', ' ')}.")

    async def _item(self) -> Json | None:
        """What the person means: the chosen item, or what the chosen card waits for."""
        if self.in_inbox:
            return self.query_one(Inbox).item
        task = self.query_one(Board).chosen_task
        if task is None:
            return None
        found = await self._try(lambda: self.client.get("/inbox", project_id=task["project_id"], limit=INBOX))
        item = next((one for one in (found or {"items": []})["items"] if one["task_id"] == task["id"]), None)
        if item is None and found is not None:
            self.notify(f"{task['key']} waits for no word of yours.", severity="warning")
        return item

    async def _tell(self) -> None:
        task = self.query_one(Board).chosen_task
        if task is None:
            return
        words = await self.push_screen_wait(Ask(f"Tell the agents of {task['key']}", task["title"]))
        if words is None:
            return
        told = await self._try(lambda: self.client.post(f"/tasks/{task['id']}/feedback", text=words))
        if told is not None:
            self.notify(line(told["sentence"]))

    async def _pause(self) -> None:
        task = self.query_one(Board).chosen_task
        if task is not None:
            await self._word(f"/tasks/{task['id']}", "resume" if task["paused_at"] else "pause")

    async def _pause_all(self) -> None:
        paused = await self._try(lambda: self.client.get("/pause"))
        if paused is None:
            return
        word = "resume" if paused["everything"] else "pause"
        if await self.push_screen_wait(Sure(f"{word.title()} everything?")):
            await self._word("", word)

    async def _word(self, place: str, word: str) -> None:
        told = await self._try(lambda: self.client.post(f"{place}/{word}"))
        if told is not None:
            self.notify(line(told["sentence"]))

    async def _try(self, call: Callable[[], Any]) -> Any:
        """Its answer; None where the hub refused or was away, which is said."""
        try:
            return await asyncio.to_thread(call)
        except HubError as error:
            self.notify(line(f"{error.sentence} {error.way_out}"), severity="error", timeout=10)
        except httpx.HTTPError:
            self.notify("The hub does not answer: nothing was done.", severity="error", timeout=10)
        return None
