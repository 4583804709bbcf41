"""Cells of the kill matrix: who is struck, how, where in the story; and the stories that carry several of them."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from services.points import Point
from tests.kill.afterwards import Facts, different, facts_of, faults
from tests.kill.hub import TTL, KillHub, until
from tests.kill.person import Person

KINDS = ("kill", "stop")
ALL = "all"  # main-api, orchestrators and agent-api at once
STOPPED_SECONDS = {  # past the time after which the others go on without it
    "orchestrator": TTL * 1.4, "postgresql": TTL * 1.2, "main-api": 3.5, "agent-api": 2.5, "scripted-model": 2.5,
}  # fmt: skip
Place = tuple[str, str]  # point, where


@dataclass(frozen=True)
class Cell:
    """`victim` is a program, or ALL. Of two orchestrators the one that is at work there is struck."""

    victim: str
    kind: str
    point: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} {self.victim} at {self.point} {self.where}"


@dataclass
class Told:
    """How a cell went: `wrong` is empty where all is as in an undisturbed story; `seconds` from the blow on until the
    story's next blow, or its end."""

    cell: Cell
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Usual:
    """An undisturbed story: its end, and the places that the processes reported, in order."""

    facts: Facts
    places: tuple[Place, ...]
    person: Person

    def cell(self, victim: str, kind: str, point: str, name: str = "") -> Cell:
        """The cell where the story comes to the point first, in the stage or step of that name."""
        wheres = [where for at, where in self.places if at == point and name in ("", where, where.partition("-")[2])]
        assert wheres, f"the story never comes to {point} of {name}"
        return Cell(victim, kind, point, wheres[0])


def undisturbed(hub: KillHub) -> Usual:
    before, asked = len(hub.reached()), hub.asked()
    person = Person(hub, "undisturbed", seconds=240)
    person.start()
    person.over()
    wrong = faults(hub, person, asked)
    assert not wrong, wrong
    places = dict.fromkeys((point, where) for point, where, _ in hub.reached()[before:])
    missing = {str(point) for point in Point} - {point for point, _ in places}
    assert not missing, f"the story never came to {missing}: take them out of services/points.py, or lead it there"
    return Usual(facts_of(hub, person), tuple(places), person)


def carry(hub: KillHub, cells: Sequence[Cell], name: str, usual: Usual) -> list[Told]:
    """One story with a blow at each cell's place, in the story's order; what is wrong at its end is told of all."""
    asked, told = hub.asked(), [Told(cell) for cell in cells]
    hub.hold_nowhere()
    hub.hold(cells[0].point, cells[0].where)
    person = Person(hub, name, seconds=240 + 40 * len(cells))
    person.start()
    begun: list[float] = []
    wrong: list[str] = []
    try:
        for number, one in enumerate(told):
            held = hub.held(lambda cell=one.cell: f"the story did not come to {cell.point} {cell.where}: {hub.tell()}")
            begun.append(time.monotonic())
            following = cells[number + 1] if number + 1 < len(cells) else None
            strike(hub, one.cell, held, lambda after=following: after and hub.hold(after.point, after.where))
        person.over()
        begun.append(time.monotonic())
        for one, since, end in zip(told, begun[:-1], begun[1:], strict=True):
            one.seconds = round(end - since, 1)
        wrong = [*faults(hub, person, asked), *different(facts_of(hub, person), usual.facts)]
    except AssertionError as error:
        wrong = [str(error)]
    for one in told:
        one.wrong = wrong
    return told


def strike(hub: KillHub, cell: Cell, held: int, go_on: Callable[[], object]) -> None:
    """Kills or stops the victims while `held` stands at the point, lets it go on, and brings them back.

    `go_on` is called before anybody moves on from there.
    """
    victims = [_named(hub, name, held) for name in _programs(hub, cell.victim)]
    if cell.kind == "kill":
        for victim in victims:
            hub.kill(victim)
        go_on()
        hub.let_go()
        for victim in victims:
            hub.again(victim)
        return
    for victim in victims:
        hub.send(victim, signal.SIGSTOP)
    go_on()
    hub.let_go()
    time.sleep(max(STOPPED_SECONDS[name] for name in _programs(hub, cell.victim)))
    for victim in victims:
        hub.send(victim, signal.SIGCONT)


def _programs(hub: KillHub, victim: str) -> list[str]:
    return ["main-api", "agent-api", "orchestrator"] if victim == ALL else [victim]


def _named(hub: KillHub, program: str, held: int) -> str:
    """The process to strike. Of two orchestrators: who stands at the point, else who carries what goes on there."""
    if program != "orchestrator" or hub.database == "sqlite":
        return program
    at_point = hub.named(held)
    if at_point is not None and at_point.startswith("orchestrator"):
        return at_point
    carrying = (
        "SELECT w.pid FROM runs r JOIN workers w ON w.id = r.owner WHERE r.state IN ('queued', 'running') "
        "ORDER BY r.queued_at DESC"
    )
    found = until(lambda: [name for (pid,) in hub.rows(carrying) if (name := hub.named(pid))], "nobody carries the run")
    return found[0]


def all_cells(usual: Usual, programs: Sequence[str], seed: int, *, every: bool = False) -> list[Cell]:
    """Each program killed and stopped at each point: at one of the places where the story comes to it, chosen by the
    seed, or with `every` at all of them."""
    random, cells = Random(seed), []
    for point in Point:
        wheres = [where for name, where in usual.places if name == point]
        for victim in programs:
            for kind in KINDS:
                chosen = wheres if every else [random.choice(wheres)]
                cells += [Cell(victim, kind, point, where) for where in chosen]
    return cells


def stories(cells: Sequence[Cell], usual: Usual, blows: int) -> list[list[Cell]]:
    """The cells in as few stories as may be: several blows in each, well apart and in the story's order."""
    order = {place: number for number, place in enumerate(usual.places)}
    apart = max(1, len(usual.places) // (blows + 1))
    waiting = sorted(cells, key=lambda cell: order[cell.point, cell.where])
    made: list[list[Cell]] = []
    while waiting:
        story: list[Cell] = []
        for cell in waiting:
            far = not story or order[cell.point, cell.where] - order[story[-1].point, story[-1].where] >= apart
            if far and len(story) < blows:
                story.append(cell)
        made.append(story)
        waiting = [cell for cell in waiting if cell not in story]
    return made
