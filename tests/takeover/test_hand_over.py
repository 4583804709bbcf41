"""Two orchestrators share the work; one that is stopped hands over at once; a clock that goes wrong harms nobody."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.takeover.conftest import PATIENCE, Crew, crew_on, nothing_was_done_twice, until

pytestmark = pytest.mark.postgres
LONG = {"WORKER_TTL_SECONDS": "60", "WORKER_BEAT_SECONDS": "1", "SWEEP_SECONDS": "0.5", "WORKER_CONCURRENCY": "1"}


@pytest.fixture
def crew(postgres_url: str, tmp_path: Path) -> Iterator[Crew]:
    with crew_on(postgres_url, tmp_path, **LONG) as made:
        yield made


def test_both_carry_and_who_leaves_hands_over(crew: Crew) -> None:
    crew.hold("dev")
    first, second = crew.boot(wait=False), crew.boot(wait=False, SKEW="3600")
    until(lambda: all(boot.said("worker.started") for boot in (first, second)), crew.story)
    tasks = [crew.task(), crew.task()]
    owners = "SELECT DISTINCT owner FROM runs WHERE stage = 'dev' AND state = 'running'"
    until(lambda: len(crew.rows(owners)) == 2, crew.story)
    until(lambda: len(crew.started()) == 2, crew.story)
    assert {row[0] for row in crew.rows(owners)} == {*crew.names(first), *crew.names(second)}
    [mine] = crew.rows("SELECT id FROM runs WHERE owner = :name", name=crew.names(first)[0])
    assert crew.rows("SELECT 1 FROM events WHERE kind = 'run.taken_over'") == []
    stopped = first.send(signal.SIGTERM)
    assert first.process.wait(PATIENCE) == 0
    waited = crew.taken_over(mine[0]) - 3600 - stopped  # told by the second one's clock
    print(f"handed over after {waited:.2f} s")
    assert waited < 20  # of a time to live of 60; half a second where nothing else is at work
    assert crew.writes_of(first, 0, stopped + waited) == []
    crew.release("dev")
    for task in tasks:
        crew.finished(task, "waiting")  # for approval
    nothing_was_done_twice(crew)
