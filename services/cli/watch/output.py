"""What a run says, live, or the change that waits for a word: at most so many lines, drawn a few times a second."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
from rich.text import Text
from textual.widgets import RichLog

from services.cli.outside import lines, said
from services.cli.run_lines import Lines
from services.cli.watch.stream import frames
from services.demo.hub_client import HubClient
from services.domain.errors import HubError

Json = dict[str, Any]
KEPT = 5_000  # lines
DRAW_SECONDS = 0.1
AT_ONCE = 500  # lines drawn at once; what floods beyond them is left out, and that is said


class Output(RichLog, can_focus=False):
    """Of one task: the change where its approval is asked for, else what its run says, else what its last one said."""

    def __init__(self, client: HubClient, **named: Any) -> None:
        super().__init__(max_lines=KEPT, wrap=True, min_width=20, **named)
        self._client = client
        self.seen: Json = {}  # the change that is shown
        self._shown: tuple[Any, ...] = ()
        self._pending: deque[str] = deque(maxlen=AT_ONCE)
        self._come = 0

    def on_mount(self) -> None:
        self.set_interval(DRAW_SECONDS, self._flush)

    def look_at(self, task: int | None, run: str | None = None, change: str | None = None) -> None:
        """`change` is the patch that is asked about; without it `run`, or the newest one of the task."""
        wanted = (task, run, change)
        if wanted == self._shown:
            return
        self._shown, self.seen = wanted, {}
        self.clear()
        self._pending.clear()
        self._come = 0
        self.auto_scroll = change is None
        if task is not None:
            self.run_worker(self._look(task, run, change), group="output", exclusive=True, exit_on_error=False)
        else:
            self.app.workers.cancel_group(self, "output")

    async def _look(self, task: int, run: str | None, change: str | None) -> None:
        try:
            if change is not None:
                diff = await asyncio.to_thread(self._client.get, f"/tasks/{task}/diff")
                self.seen = {"task_id": task, "patch_id": diff["patch_id"]}
                self._take(diff_lines(diff))
                return
            run = run or await asyncio.to_thread(self._newest, task)
        except (HubError, httpx.HTTPError) as error:
            self._take([f"[red]{said(error)}[/]"])
            return
        if run is None:
            self._take(["[dim]No agent was at work on it yet.[/]"])
            return
        await self._follow(run)

    def _newest(self, task: int) -> str | None:
        runs = self._client.get("/runs", task_id=task, limit=1)
        return str(runs[0]["id"]) if runs else None

    async def _follow(self, run_id: str) -> None:
        at: Json = {}  # where to go on after a break
        lines = Lines()
        async for event in frames(self._client, f"/ws/runs/{run_id}/output", at.copy, lambda _standing: None):
            at |= {"step": event["step"], "after": event["seq"]}
            self._take(lines.of(event))
        self._take(lines.rest())

    def _take(self, lines: Iterable[str]) -> None:
        for text in lines:
            self._pending.append(text)
            self._come += 1

    def _flush(self) -> None:
        if not self._pending:
            return
        left_out = self._come - len(self._pending)
        if left_out > 0:
            self.write(Text(f"… {left_out} lines came too fast and are left out here: wf run logs", style="dim"))
        for text in self._pending:
            self.write(Text.from_markup(text), expand=True)
        self._pending.clear()
        self._come = 0


def diff_lines(diff: Json) -> Iterator[str]:
    """A change as git tells it, in Rich's markup."""
    yield f"[bold]{len(diff['files'])} files, +{diff['added']} −{diff['removed']}[/]"
    for part in lines(diff["patch"]):
        colour = "green" if part.startswith("+") else "red" if part.startswith("-") else "dim"
        yield f"[{colour}]{said(part)}[/]"
    if diff["truncated"]:
        yield "[yellow]The change is longer: wf task diff[/]"
