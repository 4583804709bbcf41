"""What `python -m benchmarks.pipeline` measures is where it looks for it: found out without running it."""

from benchmarks.peers.beside import FOLDER, PEERS
from benchmarks.peers.environment import LOCKS
from benchmarks.stage_hub import STAGES, WORKFLOWS
from benchmarks.traced_worker import PARTS, places
from services.roles.definition import read_definition


def test_each_part_of_a_stage_is_still_there() -> None:
    assert len(places()) == len(PARTS)


def test_the_workflows_that_do_nothing_are_workflows() -> None:
    read = {name: read_definition(source, f"{name}.yaml") for name, source in WORKFLOWS.items()}
    assert len(read["noop"].stages) == STAGES + 2
    assert not any(stage.steps for stage in read["noop"].stages)


def test_each_peer_has_its_program_and_its_lock() -> None:
    assert len(PEERS) == len(list(FOLDER.glob("*_tasks.py"))) + 2  # LangGraph and DBOS are there on both databases
    assert all((LOCKS / f"{name}.txt").is_file() for name in ("litellm", "langgraph", "celery", "prefect"))
