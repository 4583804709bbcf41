"""A run as it happens: its output over a WebSocket, and what it does now in words beside the events."""

import asyncio
import json
import logging
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

from main_api import logs, run_output
from main_api.hub import HubParts
from services.events import log
from services.store.models import Run
from tests.api.conftest import AUTH, Served
from tests.support import factories as make


def line(seq: int, kind: str = "output", text: str = "", **data: Any) -> str:
    return json.dumps({"seq": seq, "at": "2026-01-01T00:00:00Z", "kind": kind, "text": text, "data": data})


async def started(hub: HubParts) -> Run:
    async with hub.db.write() as session:
        task = await make.make_task(session, stage="dev", state="running")
        run = await make.make_run(session, task, state="running")
        task.current_run_id = run.id
        await log.of_run(session, "run.started", run, task)
    return run


async def end(hub: HubParts, run: Run) -> None:
    async with hub.db.write() as session:
        row = await session.get_one(Run, run.id)
        row.state = "passed"
        await log.of_run(session, "run.passed", row)


async def take(socket: ClientConnection, count: int) -> list[tuple[str, int]]:
    frames = [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(count)]
    return [(frame["step"], frame["seq"]) for frame in frames]


def address(served: Served, run: Run, query: str = "") -> str:
    return f"ws://127.0.0.1:{served.port}/ws/runs/{run.id}/output{query}"


async def test_it_replays_follows_and_closes_with_the_run(served: Served) -> None:
    run = await started(served.hub)
    served.hub.output.append(run.id, "0-edit", [line(1), line(2)])
    async with connect(address(served, run), additional_headers=AUTH) as socket:
        assert await take(socket, 2) == [("0-edit", 1), ("0-edit", 2)]
        served.hub.output.append(run.id, "0-edit", [line(3, text="é" * 10)])
        assert await take(socket, 1) == [("0-edit", 3)]
        served.hub.output.append(run.id, "2-tests", [line(1)])  # steps begin one after the other
        served.hub.output.append(run.id, "10-scan", [line(1)])
        await end(served.hub, run)
        assert await take(socket, 2) == [("2-tests", 1), ("10-scan", 1)]
        with pytest.raises(ConnectionClosedOK) as closed:
            await asyncio.wait_for(socket.recv(), 10)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000


async def test_who_was_cut_off_goes_on_after_a_line(served: Served) -> None:
    run = await started(served.hub)
    served.hub.output.append(run.id, "0-edit", [line(n) for n in range(1, 4)])
    served.hub.output.append(run.id, "1-tests", [line(n) for n in range(1, 4)])
    await end(served.hub, run)
    async with connect(address(served, run, "?step=0-edit&after=2"), additional_headers=AUTH) as socket:
        assert await take(socket, 4) == [("0-edit", 3), ("1-tests", 1), ("1-tests", 2), ("1-tests", 3)]
    async with connect(address(served, run, "?step=1-tests&after=3"), additional_headers=AUTH) as socket:
        with pytest.raises(ConnectionClosedOK):
            await asyncio.wait_for(socket.recv(), 10)


async def test_who_goes_on_near_the_end_of_a_long_step_has_no_more_read(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await started(served.hub)
    served.hub.output.append(run.id, "0-edit", [line(n, text="x" * 200) for n in range(1, 10_001)])
    await end(served.hub, run)
    read: list[int] = []
    read_on = served.hub.output.read_on

    def noted(run_id: str, step: str, offset: int) -> Any:
        events, reached = read_on(run_id, step, offset)
        read.append(len(events))
        return events, reached

    monkeypatch.setattr(served.hub.output, "read_on", noted)
    async with connect(address(served, run, "?step=0-edit&after=9998"), additional_headers=AUTH) as socket:
        assert await take(socket, 2) == [("0-edit", 9_999), ("0-edit", 10_000)]
    assert sum(read) < 1_000


async def test_a_half_written_line_is_waited_for(served: Served) -> None:
    run = await started(served.hub)
    path = served.hub.output.path(run.id, "0-edit")
    path.parent.mkdir(parents=True)
    whole = line(1, text="whole") + "\n"
    path.write_text(whole[:20])
    async with connect(address(served, run), additional_headers=AUTH) as socket:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.5)
        with path.open("a") as file:
            file.write(whole[20:])
        assert json.loads(await asyncio.wait_for(socket.recv(), 10))["text"] == "whole"


async def test_more_than_one_piece_comes_whole_and_in_order(served: Served) -> None:
    run = await started(served.hub)
    served.hub.output.append(run.id, "0-edit", [line(n, text="x" * 2000) for n in range(1, 401)])
    served.hub.output.append(run.id, "0-edit", [line(401, text="y" * 600_000)])
    await end(served.hub, run)
    async with connect(address(served, run), additional_headers=AUTH, max_size=None) as socket:
        assert await take(socket, 401) == [("0-edit", n) for n in range(1, 402)]


async def test_an_unknown_run_is_refused_and_the_door_holds(served: Served) -> None:
    run = await started(served.hub)
    ghost = Run(id="0190-nothing")
    for where, headers, status in (
        (address(served, ghost), AUTH, 404),
        (address(served, run), {}, 401),
        (address(served, run), AUTH | {"Origin": "https://evil.example"}, 403),
        (address(served, run, "?step=../../secret"), AUTH, 422),
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(where, additional_headers=headers):
                pass
        assert refused.value.response.status_code == status, where


async def test_a_database_that_is_away_is_told_before_the_socket_is_open(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    run = await started(served.hub)
    monkeypatch.setattr(run_output, "_run", away)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(served, run), additional_headers=AUTH):
            pass
    problem = json.loads(refused.value.response.body or b"{}")
    assert (refused.value.response.status_code, problem["code"]) == (503, "database_failed") and problem["way_out"]


async def test_a_reader_who_leaves_is_noticed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await started(served.hub)
    left = asyncio.Event()
    whole = run_output._send

    async def watched(*arguments: Any) -> None:
        try:
            await whole(*arguments)
        finally:
            left.set()

    monkeypatch.setattr(run_output, "_send", watched)
    async with connect(address(served, run), additional_headers=AUTH):
        await asyncio.sleep(0.1)
    await asyncio.wait_for(left.wait(), 20)


async def activity(socket: ClientConnection) -> dict[str, Any]:
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if frame["kind"] == "run.activity":
            return frame


async def test_words_come_beside_the_events(served: Served) -> None:
    run = await started(served.hub)
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        first = await activity(socket)
        assert first["data"] == {"run_id": run.id, "task_id": run.task_id, "sentence": "preparing"}
        assert first["seq"] == served.hub.follower.latest, "no number of its own: nothing was stored"
        served.hub.output.append(run.id, "0-edit", [line(1, "edit", path="till/money.py")])
        assert (await activity(socket))["data"]["sentence"] == "editing money.py"
        async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as second:
            assert (await activity(second))["data"]["sentence"] == "editing money.py", "who comes later is told too"
    async with connect(f"{served.ws}?after=0&project_id=99999", additional_headers=AUTH) as other:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(activity(other), 1.0)


async def test_words_change_at_most_twice_a_second(served: Served) -> None:
    run = await started(served.hub)
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await activity(socket)
        writing = asyncio.create_task(_write(served.hub, run))
        began, seen = asyncio.get_running_loop().time(), 0
        while asyncio.get_running_loop().time() - began < 1.5:
            try:
                frame = await asyncio.wait_for(socket.recv(), 0.3)
            except TimeoutError:
                continue
            seen += json.loads(frame)["kind"] == "run.activity"
        await writing
    assert 1 <= seen <= 4


async def _write(hub: HubParts, run: Run) -> None:
    for number in range(1, 60):
        hub.output.append(run.id, "0-edit", [line(number, "edit", path=f"file{number}.py")])
        await asyncio.sleep(0.02)


async def test_nobody_listens_and_nothing_is_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await started(served.hub)
    looks = 0
    whole = served.hub.teller.look

    async def counted() -> dict[str, str]:
        nonlocal looks
        looks += 1
        return await whole()

    monkeypatch.setattr(served.hub.teller, "look", counted)
    await asyncio.sleep(1.2)
    assert looks == 0
    async with connect(f"{served.ws}?after=0", additional_headers=AUTH) as socket:
        await activity(socket)
    assert looks
    async with asyncio.timeout(20):
        while served.hub.teller._listeners:  # noqa: ASYNC110 - the hub notices by itself who has left
            await asyncio.sleep(0.02)
    before = looks
    await end(served.hub, run)
    await asyncio.sleep(1.2)
    assert looks == before, "the last listener has gone"


async def test_a_refused_socket_is_no_error_of_the_hub(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused() -> str:
        caplog.clear()
        with pytest.raises(InvalidStatus):
            async with connect(served.ws):
                pass
        async with asyncio.timeout(20):
            while served.server.server_state.connections or served.server.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return caplog.text

    uvicorn = logging.getLogger("uvicorn.error")
    monkeypatch.setattr(uvicorn, "filters", [])
    assert "without completing handshake" in await refused(), "uvicorn does not say it any more: the filter may go"
    logs.configure(served.hub.settings)
    assert "without completing handshake" not in await refused()
