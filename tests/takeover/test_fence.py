"""A worker that was frozen and wakes after it was declared dead: it writes nothing. With its fence down it would."""

import signal
import time

import pytest

from tests.takeover.conftest import TTL, Crew, nothing_was_done_twice, until

pytestmark = pytest.mark.postgres
STEP = "2-tests-base"


@pytest.mark.parametrize("fence", ["up", "down"])
def test_who_wakes_after_its_end_writes_nothing(crew: Crew, fence: str) -> None:
    """The frozen one wakes as the job it followed ends, while its successor, on the same job, is slow for a moment."""
    crew.hold(STEP)
    crew.hold("3-tests")
    frozen = crew.boot(FENCE="off" if fence == "down" else "on")
    task = crew.task()
    run_id = crew.working("qa")
    until(lambda: [one for one in crew.started() if one[1] == STEP], crew.story)
    successor = crew.boot()
    frozen.send(signal.SIGSTOP)
    crew.taken_over(run_id)
    time.sleep(TTL / 3)  # by now the successor follows the same job
    successor.send(signal.SIGSTOP)
    woken = frozen.send(signal.SIGCONT)
    crew.release(STEP)
    if fence == "down":
        until(lambda: {"proofs", "runs", "events"} <= set(crew.writes_of(frozen, 0, woken)), crew.story)
        return
    until(lambda: frozen.said("worker.fenced"), crew.story)
    successor.send(signal.SIGCONT)
    crew.release("3-tests")
    crew.approve(task)
    crew.finished(task)
    assert crew.writes_of(frozen, 0, woken) == []
    nothing_was_done_twice(crew)


def test_a_start_that_takes_longer_than_the_time_to_live(crew: Crew) -> None:
    """Another sweeps its row up meanwhile. It has nothing in hand yet, so it works as soon as it is ready."""
    other = crew.boot()
    slow = crew.boot(wait=False, LAUNCH=str(TTL * 2))
    until(lambda: slow.said("worker.started"), crew.story)
    assert slow.said("worker.fenced") == []
    other.send(signal.SIGKILL)
    task = crew.task(stage="qa")
    crew.approve(task)
    crew.finished(task)
    [(owner,)] = set(crew.rows("SELECT owner FROM runs WHERE task_id = :id", id=task))
    assert [owner] == crew.names(slow)
