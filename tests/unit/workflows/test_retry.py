"""How long a task waits after its run was lost, and which agent gets it then."""

import pytest

from services.agents.errors import AgentRefused
from services.agents.fake import FakeAgent
from services.agents.named import NamedAgent, _agents
from services.agents.roster import Roster
from services.contract.run_result import RunResult
from services.contract.run_spec import CommandSettings, RunSpec
from services.tasks.retry import Backoff


def test_the_wait_doubles_is_bounded_and_is_half_by_chance() -> None:
    backoff = Backoff(first=1.0, longest=10.0)
    for lost, whole in ((1, 1.0), (2, 2.0), (4, 8.0), (5, 10.0), (4000, 10.0)):
        waits = {backoff.seconds(lost) for _ in range(50)}
        assert all(whole / 2 <= wait <= whole for wait in waits) and len(waits) > 1


async def test_each_call_goes_to_the_agent_that_the_run_was_given_to() -> None:
    agents = {name: FakeAgent(lambda _: RunResult(outcome="completed"), name) for name in ("local", "second")}
    given = {"r1": "second", "r2": None, "r3": "gone"}

    async def whose(run_id: str) -> str | None:
        return given[run_id]

    roster = Roster(agents, whose)
    for run_id in ("r1", "r2"):
        spec = RunSpec(run_id=run_id, step="0-tests", worktree="/", settings=CommandSettings(command="true"))
        await roster.start(spec)
        assert [event.kind async for event in roster.events(run_id, "0-tests", 0)] == ["finished"]
    assert {name: [run for run, _ in agent.starts] for name, agent in agents.items()} == {
        "local": ["r2"], "second": ["r1"],
    }  # fmt: skip
    with pytest.raises(AgentRefused, match="given to the agent gone"):
        await roster.state("r3", "0-tests")


def test_more_agents_are_named_in_a_setting() -> None:
    text = '{"second": {"url": "http://127.0.0.1:8011", "capacity": 2}, "third": "http://10.0.0.9:8001"}'
    assert _agents(text) == (
        NamedAgent("second", "http://127.0.0.1:8011", 2), NamedAgent("third", "http://10.0.0.9:8001"),
    )  # fmt: skip
    for wrong in ("[]", "second", '{"local": "http://h"}', '{"b": "h:1"}', '{"b": {"url": "http://h", "capacity": 0}}'):
        with pytest.raises(ValueError, match=r"JSON|name an agent|address|capacity"):
            _agents(wrong)
