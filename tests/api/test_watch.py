"""`wf watch` beside a hub that listens: what is on the screen, word for word, and what its keys do.

After a change of the screen that is meant: RENEW_SNAPSHOTS=1 python -m pytest tests/api/test_watch.py, and read the
difference.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from main_api.settings import MainSettings
from services.cli.watch.app import Watch
from services.cli.watch.board import Board
from services.cli.watch.inbox import Inbox
from services.cli.watch.news import News
from services.cli.watch.output import Output
from services.demo.hub_client import HubClient
from services.domain.states import QuestionState, RunState, TaskState, WaitingReason
from services.events import log
from services.roles.seed import seed
from services.store.models import Project, Question, Task
from tests.api.conftest import TOKEN, Served, serve
from tests.support.factories import make_approval, make_criterion, make_project, make_run, make_task
from tests.support.ports import free_port

SNAPSHOTS = Path(__file__).with_name("watch_snapshots")
RENEW = bool(os.environ.get("RENEW_SNAPSHOTS"))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SIZES = [(80, 24), (120, 40)]
SECONDS = 45.0


async def filled(served: Served) -> dict[str, int]:
    """A board with cards of many kinds, at fixed times."""
    async with served.hub.db.write() as session:
        await seed(session)
        web = await make_project(session, key="WEB", name="The shop", workspace_path="/srv/shop")
        done = await make_task(session, web, title="Say hello", stage="done", state=TaskState.DONE)
        asks = await make_task(
            session, web, title="Count the coins of the day before the till is closed", stage="dev",
            state=TaskState.WAITING, waiting_reason=WaitingReason.ANSWER, waiting_sentence="DEV asks: Which coins?",
            waiting_since=NOW - timedelta(hours=3),
        )  # fmt: skip
        run = await make_run(
            session, asks, state=RunState.BLOCKED, result="blocked", queued_at=NOW, summary="It asks which coins."
        )
        session.add(
            Question(project_id=web.id, task_id=asks.id, run_id=run.id, stage="dev", text="Which coins?",
                     options=["Cents", "Euros"], state=QuestionState.ASKED, created_at=NOW - timedelta(hours=3))
        )  # fmt: skip
        await make_criterion(session, asks)
        change = await make_task(
            session, web, title="Greet by name", stage="deploy", state=TaskState.WAITING,
            waiting_reason=WaitingReason.APPROVAL, waiting_sentence="Approve the change (2 files) to merge it.",
            waiting_since=NOW - timedelta(minutes=3),
        )  # fmt: skip
        await make_approval(session, change, created_at=NOW - timedelta(minutes=3))
        await make_task(session, web, title="Later \x1b]0;owned\x07", stage="backlog")
        return {"done": done.id, "asks": asks.id, "change": change.id}


@asynccontextmanager
async def watching(served: Served, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    app = Watch(HubClient(served.http, TOKEN), None, lambda: NOW)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.standing == "live" and app.summary is not None)
        await settled(pilot)
        yield pilot


async def until(pilot: Pilot[None], holds: Any) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await pilot.pause(0.05)


async def settled(pilot: Pilot[None]) -> str:
    """The screen once it is the same twice."""
    before = ""
    async with asyncio.timeout(SECONDS):
        while True:
            await pilot.pause(0.3)
            after = screen(pilot)
            if after == before:
                return after
            before = after


def screen(pilot: Pilot[None]) -> str:
    lines = (strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())
    return "\n".join(lines) + "\n"


async def same(name: str, size: tuple[int, int], pilot: Pilot[None]) -> None:
    """The screen becomes the one that is kept: what it shows comes over the network."""
    kept = SNAPSHOTS / f"{name}-{size[0]}x{size[1]}.txt"
    if RENEW:
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(await settled(pilot), encoding="utf-8")
    wanted = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    with contextlib.suppress(TimeoutError):
        await until(pilot, lambda: screen(pilot) == wanted)
    assert screen(pilot) == wanted, f"see {kept.name}; meant? RENEW_SNAPSHOTS=1"


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
async def test_the_screens(served: Served, size: tuple[int, int]) -> None:
    await filled(served)
    async with watching(served, size) as pilot:
        await same("board", size, pilot)
        await pilot.press("right")
        await same("asks", size, pilot)
        await pilot.press("question_mark")
        await same("keys", size, pilot)
        await pilot.press("escape", "i")
        await same("inbox", size, pilot)
        await pilot.press("a")
        await same("answer", size, pilot)
        await pilot.press("escape", "down", "enter")
        await until(pilot, lambda: pilot.app.query_one(Output).has_focus)
        await until(pilot, lambda: "Approve the change (2 files)" in screen(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.query_one(Inbox).has_focus)


async def test_an_empty_hub(served: Served) -> None:
    async with watching(served, SIZES[0]) as pilot:
        await same("empty", SIZES[0], pilot)


async def test_a_card_moves_by_itself_and_stays_chosen(served: Served) -> None:
    ids = await filled(served)
    async with watching(served, (120, 40)) as pilot:
        await until(pilot, lambda: "DEV 1/5" in screen(pilot))
        async with served.hub.db.write() as session:
            task = await session.get_one(Task, ids["asks"])
            task.stage, task.state, task.waiting_reason = "deploy", TaskState.IDLE, None
            await log.of_task(session, "task.moved", task, actor="person")
        await until(pilot, lambda: pilot.app.query_one(Board).tasks[ids["asks"]]["stage"] == "deploy")
        await until(pilot, lambda: "DEV 0" in screen(pilot) and "DEPLOY 2/10" in screen(pilot))


async def test_an_answer_by_key(served: Served) -> None:
    await filled(served)
    async with watching(served, (120, 40)) as pilot:
        await pilot.press("i")
        inbox = pilot.app.query_one(Inbox)
        while inbox.item is None or inbox.item["kind"] != "question":
            await pilot.press("down")
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"Cents", "enter")
        await until(pilot, lambda: "answer" in screen(pilot) and "Which coins?" not in screen(pilot))
    client = HubClient(served.http, TOKEN)
    told = await asyncio.to_thread(client.get, "/questions/1")
    assert (told["state"], told["answer"]) == ("answered", "Cents")


async def test_pause_and_tell_by_key(served: Served) -> None:
    ids = await filled(served)
    client = HubClient(served.http, TOKEN)
    async with watching(served, (120, 40)) as pilot:
        await pilot.press("right", "p")
        await until(pilot, lambda: " paused" in screen(pilot))
        assert (await asyncio.to_thread(client.get, f"/tasks/{ids['asks']}"))["paused_at"]
        await pilot.press("f")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"Euro", "enter")
        async with asyncio.timeout(SECONDS):
            while not (told := await asyncio.to_thread(client.get, f"/tasks/{ids['asks']}/comments")):
                await pilot.pause(0.05)
        await pilot.press("r", "n")
    assert [comment["body"] for comment in told] == ["Euro"]


async def test_a_hub_that_goes_away_and_comes_back(settings: MainSettings) -> None:
    port = free_port()
    async with serve(settings, port) as served:
        await filled(served)
        app = Watch(HubClient(served.http, TOKEN), None, lambda: NOW)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.standing == "live")
            served.server.should_exit = True
            await until(pilot, lambda: "what you see may be old" in screen(pilot))
            assert "Count the coins" in screen(pilot)
            async with serve(settings, port) as again:
                await until(pilot, lambda: app.standing == "live")
                async with again.hub.db.write() as session:
                    task = await make_task(session, await session.get_one(Project, 1), title="New since")
                    await log.of_task(session, "task.created", task, actor="person")
                await until(pilot, lambda: "New since" in screen(pilot))


def test_many_events_are_one_look() -> None:
    news = News()
    for number in range(10_000):
        news.take({"seq": number, "kind": "run.step", "task_id": 1, "data": {}})
        news.take({"seq": number, "kind": "run.activity", "task_id": 1, "data": {"sentence": f"line {number}"}})
    assert (news.seq, news.stale, news.told(), news.told()) == (9_999, True, {1: "line 9999"}, {})
    quiet = News()
    quiet.take({"seq": 3, "kind": "hub.ping", "data": {}})
    assert (quiet.seq, quiet.stale) == (3, False)
