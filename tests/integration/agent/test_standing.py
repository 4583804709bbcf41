"""What an agent tells of itself: abilities, jobs, the cage and Aider."""

import http.client
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from agent_api.cage.policy import CageHost
from agent_api.cage.told import cage_standing
from agent_api.settings import AgentSettings
from services.contract.agent_standing import AgentStanding, CageStanding
from tests.integration.agent.conftest import RUN, RunningAgent, command

NAMESPACES = CageHost(landlock_abi=4, namespaces=True)


def standing(agent: RunningAgent) -> AgentStanding:
    return AgentStanding.model_validate_json(agent.http.get("/api/agent").raise_for_status().content)


def cage(host: CageHost, **more: object) -> CageStanding:
    settings = AgentSettings.model_validate({"wfhub_token_sha256": "0123456789abcdef" * 4, **more})
    return cage_standing(settings, host)


def test_it_tells_what_it_can_do_and_does(agent: RunningAgent, worktree: Path) -> None:
    told = standing(agent)
    assert {one.name for one in told.executors} == {"aider", "tools", "command", "scan", "vision"}
    assert {"read", "grep", "edit", "bash"} <= set(told.tools)
    assert (told.jobs, told.capacity) == ((), 4)
    assert agent.process is not None
    assert (told.pid, told.seconds_up >= 0) == (agent.process.pid, True)
    spec = command(worktree, "sleep 30", task_key="POC-1")
    agent.put(spec)
    (job,) = standing(agent).jobs
    assert (job.run_id, job.step, job.executor, job.task_key, job.held) == (RUN, "qa", "command", "POC-1", None)
    agent.http.post(f"/jobs/{RUN}/qa/pause")
    assert standing(agent).jobs[0].held == "stopped"
    agent.http.delete(f"/jobs/{RUN}/qa")
    assert standing(agent).jobs == ()


def test_a_connection_rests_there_for_longer_than_its_clients_keep_it(shared_agent: RunningAgent) -> None:
    """Else a question meets one that was just closed, and an agent that is well is told unwell."""
    kept = httpx.Limits().keepalive_expiry
    assert kept is not None
    connection = http.client.HTTPConnection("127.0.0.1", shared_agent.port, timeout=30)
    with closing(connection):
        for rest in (kept + 1, 0):
            connection.request("GET", "/health")
            answer = connection.getresponse()
            assert (answer.status, answer.read() != b"") == (200, True)
            time.sleep(rest)


def test_only_the_owner_is_told(agent: RunningAgent) -> None:
    assert httpx.get(f"http://127.0.0.1:{agent.port}/api/agent", trust_env=False).status_code == 401


def test_an_aider_that_is_not_there_is_told_with_the_way_to_it(agent: RunningAgent, tmp_path: Path) -> None:
    agent.stop()
    agent.environment = {"AIDER_PYTHON": str(tmp_path / "none" / "python")}
    agent.start()
    told = standing(agent)
    assert (told.aider.state, "AIDER_PYTHON" in told.aider.way_out) == ("absent", True)
    (executor,) = [one for one in told.executors if one.name == "aider"]
    assert (executor.ready, executor.way_out) == (False, told.aider.way_out)


@pytest.mark.parametrize(
    ("host", "backend", "lacks", "missing"),
    [
        (CageHost(bwrap=Path("/usr/bin/bwrap")), "bubblewrap", 0, ["landlock", "none"]),
        (NAMESPACES, "landlock", 1, ["bubblewrap", "none"]),
        (CageHost(landlock_abi=4), "landlock", 2, ["bubblewrap", "none"]),
        (CageHost(landlock_abi=3), None, 1, ["bubblewrap", "landlock", "none"]),
    ],
)
def test_the_cage_says_what_it_denies_what_it_lacks_and_how_to_get_more(
    host: CageHost, backend: str | None, lacks: int, missing: list[str]
) -> None:
    told = cage(host)
    assert (told.backend, len(told.lacks)) == (backend, lacks)
    assert [kind.name for kind in told.kinds if not kind.works] == missing
    assert all(kind.way_out for kind in told.kinds if not kind.works)
    assert any("network" in one.lower() for one in told.denies) == (backend is not None)
    assert bool(told.way_out) == (backend is None or (backend == "landlock" and not host.namespaces))


def test_no_cage_by_the_owners_word_is_told_as_none() -> None:
    told = cage(CageHost(), cage_allow_none=True)
    assert told.backend == "none"
    assert "your rights" in told.lacks[0]
    assert not any("network" in one.lower() for one in told.denies)
    assert told.way_out
