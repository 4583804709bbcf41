"""Paused in the middle of a model's answer, then killed: it goes on where it was, and nothing is paid for twice."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from agent_api.cage.process_tree import descendants, state_of
from services.points import Point
from tests.kill.afterwards import different, facts_of, faults
from tests.kill.conftest import Ready
from tests.kill.hub import KillHub, until
from tests.kill.person import Person

pytestmark = [pytest.mark.kill, pytest.mark.aider]
VICTIMS = ("orchestrator", "agent-api", "main-api")
QUIET_SECONDS = 2.0  # several sweeps: long enough for what should not begin to begin


def call(hub: KillHub, method: str, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    url = f"{hub.settings.main_api_url}{path}"
    answer = httpx.request(method, url, headers=headers, timeout=60, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def is_up(hub: KillHub) -> bool:
    try:
        return bool(call(hub, "GET", "/pause"))
    except httpx.TransportError:
        return False


def begun(hub: KillHub) -> list[tuple[Any, ...]]:
    [runs] = hub.rows("SELECT count(*) FROM runs")
    return [runs, (hub.asked(),), (sum(point == Point.JOB_ACCEPTED for point, _, _ in hub.reached()),)]


def answers_stored(hub: KillHub) -> int:
    """In all stories of the hub."""
    return sum(point == Point.CALL_STORED for point, _, _ in hub.reached())


def test_killed_while_paused(ready: Callable[[str], Ready]) -> None:
    hub, usual = ready("sqlite")
    asked, cell = hub.asked(), usual.cell("main-api", "kill", Point.CALL_ASKED, "edit")
    hub.hold_nowhere()
    hub.hold(cell.point, cell.where)
    person = Person(hub, "paused", seconds=240)
    person.start()
    hub.held(hub.tell)  # the model answers; Aider waits for it
    stored = answers_stored(hub)
    word = call(hub, "POST", "/pause")
    assert [run["held"] for run in word["runs"]] == ["stopped"], word
    stopped = [pid for pid in descendants(*hub.pids("agent-api")) if state_of(pid) == "T"]
    assert stopped, "no process of the agent is stopped"
    hub.let_go()
    until(lambda: answers_stored(hub) > stored, "the answer is not stored")
    for victim in VICTIMS:
        hub.kill(victim)
    until(lambda: not any(state_of(pid) for pid in stopped), "what was stopped outlives its agent")
    for victim in VICTIMS:
        hub.again(victim)
    until(lambda: is_up(hub), hub.tell)
    before = begun(hub)
    time.sleep(QUIET_SECONDS)
    assert begun(hub) == before, "something began in the pause"
    assert call(hub, "GET", "/pause")["everything"]
    call(hub, "POST", "/resume")
    person.over()
    facts = facts_of(hub, person)
    facts["events"] = [one for one in facts["events"] if "run.held" not in one and "run.goes_on" not in one]
    wrong = [*faults(hub, person, asked), *different(facts, usual.facts)]
    assert not wrong, "\n".join(wrong)
