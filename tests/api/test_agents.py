"""Who of the agents is there: asked now, told by a clock that nobody sets, with the run and task of each job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from main_api.agents import AgentWatch
from main_api.hub import HubParts
from main_api.settings import MainSettings
from services.agents.named import NamedAgent
from services.contract.agent_standing import AgentStanding, AiderStanding, CageStanding, JobNow
from tests.support import factories as make

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
JSON = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"


class StandIn:
    """Answers /health and /api/agent as agent-api does; `status` for another answer, `silent` for none."""

    def __init__(self) -> None:
        self.jobs: tuple[JobNow, ...] = ()
        self.status, self.silent, self.url = 200, False, ""

    def standing(self) -> AgentStanding:
        return AgentStanding(
            host="here", pid=7, started_at=datetime.now(UTC), seconds_up=5.0, capacity=4, jobs=self.jobs, executors=(),
            tools=("read",), cage=CageStanding(backend="bubblewrap", denies=("All.",), lacks=(), kinds=()),
            aider=AiderStanding(state="cold", sentence="Not yet."),
        )  # fmt: skip

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if self.silent:
            await asyncio.Event().wait()
        path = head.split(b" ")[1]
        status = 200 if path == b"/health" else self.status
        body = b"{}" if path == b"/health" else self.standing().model_dump_json().encode()
        writer.write(JSON % (status, len(body)) + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def standing_in() -> AsyncIterator[StandIn]:
    agent = StandIn()
    server = await asyncio.start_server(agent.answer, "127.0.0.1", 0)
    agent.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield agent
    finally:
        server.close()


def pointed(hub: HubParts, *urls: str) -> None:
    for agent, url in zip(hub.agents.agents, urls, strict=True):
        agent.url = url


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/agents")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_agent_is_told_with_what_it_does(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        task = await make.make_task(session, project, title="Say hello")
        run = await make.make_run(session, task, state="running", agent="local", owner="worker")
    async with standing_in() as agent:
        pointed(hub, agent.url)
        agent.jobs = tuple(
            JobNow(run_id=one, step="qa", executor="command", task_key="X-1", model=None, started_at=datetime.now(UTC))
            for one in (run.id, "direct-0-complete")
        )
        (told,) = await listed(client)
    assert (told["name"], told["state"], told["limit"], told["capacity"]) == ("local", "alive", 4, 4)
    assert (told["cage"]["backend"], told["aider"]["state"], told["tools"]) == ("bubblewrap", "cold", ["read"])
    of_task, direct = told["jobs"]
    assert (of_task["task_id"], of_task["task_key"], of_task["task_title"]) == (task.id, task.key, "Say hello")
    assert (of_task["project_id"], of_task["stage"]) == (project.id, run.stage)
    assert (direct["task_id"], direct["task_key"]) == (None, "X-1")
    assert told["runs"] == 1


@ON_ONE
async def test_how_long_it_is_away_is_told_by_a_clock_that_nobody_sets(settings: MainSettings) -> None:
    at = 1000.0
    watch = AgentWatch(settings, clock=lambda: at)
    async with standing_in() as agent:
        watch.agents[0].url = agent.url
        await watch.beat()
        (seen,) = await watch.look()
        assert (seen.state, seen.seconds_ago) == ("alive", 0.0)
    at += 8
    (seen,) = await watch.look()
    assert (seen.state, seen.seconds_ago, seen.standing) == ("late", 8.0, None)
    assert "does not answer" in seen.sentence and "./start.sh" in seen.way_out
    at += 100
    (seen,) = await watch.look()
    assert (seen.state, seen.seconds_ago) == ("gone", 108.0)
    async with standing_in() as agent:
        watch.agents[0].url = agent.url
        await watch.beat()
        (seen,) = await watch.look()
        assert (seen.state, seen.sentence) == ("alive", "")
    await watch.stop()


@ON_ONE
async def test_one_that_was_never_there_is_late_at_first_and_gone_later(settings: MainSettings) -> None:
    at = 0.0
    watch = AgentWatch(settings.model_copy(update={"agent_api_url": "http://127.0.0.1:1"}), clock=lambda: at)
    assert [(one.state, one.seconds_ago) for one in await watch.look()] == [("late", None)]
    at = 31.0
    assert [(one.state, one.seconds_ago) for one in await watch.look()] == [("gone", None)]
    await watch.stop()


@ON_ONE
async def test_a_token_that_it_does_not_take_an_older_agent_and_one_that_hangs_are_told(settings: MainSettings) -> None:
    others = tuple(NamedAgent(name, "http://127.0.0.1:1", 2) for name in ("second", "third"))
    watch = AgentWatch(settings.model_copy(update={"agents": others}))
    async with standing_in() as refusing, standing_in() as old, standing_in() as hanging:
        refusing.status, old.status, hanging.silent = 401, 404, True
        for agent, url in zip(watch.agents, (refusing.url, old.url, hanging.url), strict=True):
            agent.url = url
        first, second, third = await watch.look()
    assert (first.state, "token" in first.sentence) == ("refused", True)
    assert "no agent of this version (404)" in second.sentence
    assert (third.capacity, third.standing, "ReadTimeout" in third.sentence) == (2, None, True)
    assert "AGENTS" in third.way_out
    await watch.stop()
