"""What one orchestrator carried goes on with another: killed or frozen, in DEV, QA and the middle of a merge, cut off
from its database, or asleep with its machine. One hub for all of it: what each test leaves is the next one's past."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.migrate import upgrade
from tests.support import postgres
from tests.takeover.conftest import PATIENCE, TTL, Boot, Crew, crew_on, nothing_was_done_twice, until

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def programs(postgres_server: str) -> Path:
    found = postgres.find_programs()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def crew(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Two orchestrators on a database server of their own, which a test may kill."""
    with postgres.server(programs) as server:
        url = server.format(name="postgres")
        upgrade(url)
        with crew_on(url, tmp_path_factory.mktemp("takeover")) as made:
            made.boot(wait=False)
            made.boot(wait=False)
            yield made


def all_at_work(crew: Crew) -> None:
    """Those that were struck before are back: who has just begun its start can't take over."""
    until(lambda: all(boot.works() for boot in crew.boots), crew.story)


def strike(crew: Crew, how: str, victim: Boot, run_id: str) -> float:
    """Kills or freezes who carries the run, waits until another has it; seconds from the blow to the new owner."""
    lives = len(victim.said("boot"))
    [(name,)] = crew.rows("SELECT owner FROM runs WHERE id = :id", id=run_id)
    struck = victim.send(signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    taken = crew.taken_over(run_id)
    assert crew.rows("SELECT owner FROM runs WHERE id = :id", id=run_id) != [(name,)]
    if how == "kill":
        victim.process.wait(PATIENCE)
        crew.boots.remove(victim)
        crew.boot(wait=False)
    else:
        time.sleep(max(0.0, struck + TTL + 0.5 - time.time()))
        woken = victim.send(signal.SIGCONT)
        until(lambda: len(victim.said("boot")) > lives, crew.story)
        assert crew.writes_of(victim, lives - 1, woken) == []
    return taken - struck


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_in_dev_in_qa_and_in_the_middle_of_a_merge(crew: Crew, how: str) -> None:
    for name in ("dev", "qa", "merge"):
        crew.hold(name)
    third = crew.boot(wait=False) if how == "kill" else None  # then it is not always the sweeper that goes on
    task = crew.task()
    seconds: dict[str, float] = {}
    for stage in ("dev", "qa"):
        run_id = crew.working(stage)
        all_at_work(crew)
        seconds[stage] = strike(crew, how, crew.carrier(run_id), run_id)
        crew.release(stage)
    crew.approve(task)
    merging = crew.gates / "merging"
    until(lambda: merging.exists() and merging.read_text(), crew.story)
    all_at_work(crew)
    [(run_id,)] = crew.rows("SELECT current_run_id FROM tasks WHERE id = :id", id=task)
    pid = int(merging.read_text())
    seconds["merge"] = strike(crew, how, next(boot for boot in crew.boots if boot.process.pid == pid), run_id)
    crew.release("merge")
    crew.finished(task)
    merging.unlink()
    nothing_was_done_twice(crew)
    print({stage: round(value, 2) for stage, value in seconds.items()})
    assert max(seconds.values()) < 2 * TTL
    if third in crew.boots:
        third.send(signal.SIGTERM)
        third.process.wait(PATIENCE)
        crew.boots.remove(third)


def test_all_come_back_when_the_database_does(crew: Crew, programs: Path) -> None:
    for name in ("dev", "qa"):
        crew.hold(name)
    all_at_work(crew)
    lives = [len(boot.said("boot")) for boot in crew.boots]
    task = crew.task()
    run_id = crew.working("dev")
    with postgres.outage(programs, crew.url):
        crew.release("dev")  # it ends while nobody can write it down
        time.sleep(TTL / 5)
    crew.working("qa")
    assert crew.rows("SELECT state, reason FROM runs WHERE id = :id", id=run_id) == [("passed", "")]
    with postgres.outage(programs, crew.url):
        time.sleep(TTL * 1.5)
        crew.release("qa")
    back = time.monotonic()
    crew.approve(task)
    print(f"asks for approval {time.monotonic() - back:.2f} s after the database is back")
    crew.finished(task)
    # One is enough to finish the task: the other may still be on its way back then.
    until(lambda: all(len(boot.said("boot")) > life for boot, life in zip(crew.boots, lives, strict=True)), crew.story)
    assert {boot.process.poll() for boot in crew.boots} == {None}
    nothing_was_done_twice(crew)


def test_the_only_one_goes_on_when_its_machine_wakes(crew: Crew) -> None:
    other, boot = crew.boots[:2]
    all_at_work(crew)  # the test before may have left one on its way back, which a signal to end would just kill
    other.send(signal.SIGTERM)
    assert other.process.wait(PATIENCE) == 0
    crew.hold("dev")
    task = crew.task()
    crew.working("dev")
    lives = len(boot.said("boot"))
    boot.send(signal.SIGSTOP)
    time.sleep(TTL * 1.3)
    woken = boot.send(signal.SIGCONT)
    crew.release("dev")
    crew.approve(task)
    assert boot.process.poll() is None
    assert len(boot.said("boot")) > lives  # on a busy machine a fresh life may be fenced as well
    assert crew.writes_of(boot, lives - 1, woken) == []
    crew.finished(task)
    nothing_was_done_twice(crew)
