"""A run that kills every orchestrator that carries it is given to a person; the others' work goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.takeover.conftest import Crew, crew_on, until

pytestmark = pytest.mark.postgres
FEW = {"RUN_MAX_DEATHS": "2"}


@pytest.fixture
def crew(postgres_url: str, tmp_path: Path) -> Iterator[Crew]:
    with crew_on(postgres_url, tmp_path, **FEW) as made:
        yield made


@pytest.mark.parametrize("giving_up", ["works", "unheard", "fails", "late"])
def test_it_ends_waiting_for_a_person(crew: Crew, giving_up: str) -> None:
    """Also where the first try to give it up fails, before or after the engine was told to stop it, and where others
    get the run from the engine before that."""
    for _ in range(2):
        crew.boot(wait=False, POISON="dev", GIVEUP=giving_up)
    crew.task()

    def given_up() -> list[tuple[str, str]]:
        for boot in [boot for boot in crew.boots if boot.process.poll() is not None]:
            crew.boots.remove(boot)
            crew.boot(wait=False, POISON="dev", GIVEUP=giving_up)  # what a container's restart policy does
        return crew.rows("SELECT waiting_reason, waiting_sentence FROM tasks WHERE state = 'waiting'")

    [(reason, sentence)] = until(given_up, crew.story, 240)
    assert reason == "stall"
    assert sentence.startswith("The orchestrator died 3 times while it carried this run, so it was stopped.")
    assert crew.rows("SELECT stage, state, jsonb_array_length(details->'deaths') FROM runs") == [("dev", "lost", 3)]
    other = crew.task(stage="sec")
    until(lambda: crew.rows("SELECT 1 FROM runs WHERE task_id = :id AND state <> 'queued'", id=other), crew.story)
