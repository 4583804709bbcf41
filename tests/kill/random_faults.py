"""Blows that nobody chose: three tasks flow, and any process is killed or stopped at any moment, for a while."""

import signal
import time
from random import Random

from tests.kill.afterwards import Facts, facts_of, faults
from tests.kill.cells import KINDS
from tests.kill.hub import PROGRAMS, KillHub, until
from tests.kill.person import Person

REQUEST = "Three words, please."
# Which task is merged first is chance, and the later one is proven again: the same end, by other runs.
THE_SAME = (
    "requests",
    "plans",
    "tasks",
    "criteria",
    "findings",
    "tree",
    "merges",
    "left in the workspace",
    "worktrees",
)
LONGEST_PAUSE, LONGEST_STOP = 2.5, 5.0
FINISHING = 240.0  # seconds without a blow after which a story is hopeless


def end_of(hub: KillHub, name: str, seed: int, seconds: float) -> tuple[list[str], Facts, list[str]]:
    """Carries the story under blows for so many seconds at the most: what was struck, how it ended, what is wrong."""
    random, asked, struck = Random(seed), hub.asked(), []
    hub.hold_nowhere()
    person = Person(hub, name, REQUEST, seconds=seconds + FINISHING)
    person.start()
    until(lambda: person.has_asked.is_set() or not person.is_alive(), hub.tell)
    since = time.monotonic()
    while time.monotonic() - since < seconds and person.is_alive():
        time.sleep(random.uniform(0.1, LONGEST_PAUSE))
        victim, kind, pause = _blow(hub, random)
        if not person.is_alive():
            break
        struck.append(f"{time.monotonic() - since:.1f} s: {kind} {victim}, {pause:.1f} s")
        _strike(hub, victim, kind, pause)
        hub.stands()
    while person.is_alive() and time.monotonic() - since < seconds + FINISHING:
        hub.stands()
        time.sleep(0.1)
    person.over()
    facts = facts_of(hub, person)
    return struck, {name: facts[name] for name in THE_SAME}, faults(hub, person, asked)


def _blow(hub: KillHub, random: Random) -> tuple[str, str, float]:
    victims = [name for name in (*PROGRAMS, "orchestrator-2") if name in hub.processes or hub.database == name]
    kind = random.choice(KINDS)
    return random.choice(victims), kind, random.uniform(0, 1.0 if kind == "kill" else LONGEST_STOP)


def _strike(hub: KillHub, victim: str, kind: str, pause: float) -> None:
    if kind == "kill":
        hub.kill(victim)
        time.sleep(pause)
        hub.again(victim)
        return
    hub.send(victim, signal.SIGSTOP)
    time.sleep(pause)
    hub.send(victim, signal.SIGCONT)
