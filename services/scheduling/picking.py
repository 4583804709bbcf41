"""Picks what starts now out of all that waits, and says what keeps each of the others: pure, no I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.scheduling.cards import Cards
from services.scheduling.fair import Candidate, Shares, by_project
from services.scheduling.limits import AgentRoom, SchedulingLimits


class Bar(StrEnum):
    """What keeps a candidate from starting."""

    RETRY = "retry"  # its last run was lost: it is tried again later
    BRANCH = "branch"  # another run writes on its branch
    DEPLOY = "deploy"  # another run deploys its project, or tests what it deployed
    CUT_OFF = "cut_off"  # a deploy of its project was cut off, and nobody has said what about it
    WORKERS = "workers"
    OVERALL = "overall"
    AGENTS = "agents"
    PROJECT = "project"
    ROLE = "role"
    COLUMN = "column"
    CARD = "card"


@dataclass
class Taken:
    """What is under way: live runs, and begun tasks in each column of each project, counted. `held` runs stand still
    by a person's word, and keep their places."""

    live: int = 0
    held: int = 0
    projects: Counter[int] = field(default_factory=Counter[int])
    roles: Counter[str] = field(default_factory=Counter[str])
    agents: Counter[str] = field(default_factory=Counter[str])
    columns: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    branches: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    deploys: set[int] = field(default_factory=set[int])  # projects that a run deploys
    cut_off: dict[int, int | None] = field(default_factory=dict[int, int | None])  # by project: the task whose it was


@dataclass(frozen=True, slots=True)
class Pick:
    """`agent` is who shall do it, None where that is not said; `change` the model that the card has to give up for it,
    None where it need not."""

    candidate: Candidate
    agent: str | None = None
    change: str | None = None


class Picking:
    """`room` is how many runs there may be more for the caller's own capacity; `at` is now, in seconds since 1970."""

    def __init__(
        self, taken: Taken, shares: Shares, cards: Cards, limits: SchedulingLimits, room: int, at: float
    ) -> None:
        self.taken, self.shares, self.cards, self.limits = taken, shares, cards, limits
        self.room, self.at = room, at

    def run(self, candidates: Iterable[Candidate]) -> list[Pick]:
        """As many as may start, in the order of their turns."""
        waiting = by_project(candidates)
        self._end_turns(waiting.values())
        picks: list[Pick] = []
        while (one := self._next(waiting)) is not None:
            picks.append(self._take(one))
            waiting[one.project_id].remove(one)
        return picks

    def full(self) -> Bar | None:
        """What keeps everybody from starting, whoever it is."""
        if self.room <= 0:
            return Bar.WORKERS
        if self.limits.overall is not None and self.taken.live >= self.limits.overall:
            return Bar.OVERALL
        if self.limits.agents and not any(self._has_room(agent) for agent in self.limits.agents):
            return Bar.AGENTS
        return None

    def bar(self, one: Candidate, *, change: bool = False) -> Bar | None:
        """What keeps it now. `change`: nothing that may start wants the loaded model."""
        return self._own_bar(one) or self.full() or self._card_bar(one, change=change)

    def _own_bar(self, one: Candidate) -> Bar | None:
        taken, limits = self.taken, self.limits
        if one.retry_at is not None and one.retry_at > self.at:
            return Bar.RETRY
        if one.branch is not None and (one.project_id, one.branch) in taken.branches:
            return Bar.BRANCH
        if one.deploys and one.project_id in taken.deploys:
            return Bar.DEPLOY
        if one.deploys and one.project_id in taken.cut_off:
            whose = taken.cut_off[one.project_id]
            if not one.is_task or whose != one.id:
                return Bar.CUT_OFF
        if taken.projects[one.project_id] >= limits.per_project:
            return Bar.PROJECT
        most = limits.per_role.get(one.role or "")
        if most is not None and taken.roles[one.role or ""] >= most:
            return Bar.ROLE
        if one.wip is not None and taken.columns[one.project_id, one.stage] >= one.wip:
            return Bar.COLUMN
        return None

    def _card_bar(self, one: Candidate, *, change: bool) -> Bar | None:
        if one.model is None or not self.cards.holds(one.model) or one.is_request:  # a person waits for the plan
            return None
        card = self.cards.of(one.model)
        return None if (card.may_change if change else card.lets_in)(one.model) else Bar.CARD

    def _end_turns(self, waiting: Iterable[Sequence[Candidate]]) -> None:
        self.cards.end_turns(
            one for own in waiting for one in own if one.model and not one.is_request and self._own_bar(one) is None
        )

    def _next(self, waiting: dict[int, list[Candidate]]) -> Candidate | None:
        if self.full() is not None:
            return None
        for change in (False, True):
            best: Candidate | None = None
            for own in waiting.values():
                found = self._first(own, change=change)
                if found is not None and (best is None or self.shares.rank(found) < self.shares.rank(best)):
                    best = found
            if best is not None:
                return best
        return None

    def _first(self, own: list[Candidate], *, change: bool) -> Candidate | None:
        """The project's first that may start. What can't until the next admission is taken out, and not asked again."""
        kept: list[Candidate] = []
        found: Candidate | None = None
        for number, one in enumerate(own):
            if self._own_bar(one) is not None:
                continue
            kept.append(one)
            if self._card_bar(one, change=change) is None:
                found = one
                kept += own[number + 1 :]
                break
        own[:] = kept
        return found

    def _take(self, one: Candidate) -> Pick:
        taken, change = self.taken, None
        agent = self._choose_agent(one.avoid)
        self.room -= 1
        taken.live += 1
        taken.projects[one.project_id] += 1
        taken.roles[one.role or ""] += 1
        if one.branch is not None:
            taken.branches.add((one.project_id, one.branch))
        if one.deploys:
            taken.deploys.add(one.project_id)
        if one.stage:
            taken.columns[one.project_id, one.stage] += 1
        if agent is not None:
            taken.agents[agent] += 1
        if one.model is not None and self.cards.holds(one.model):
            card = self.cards.of(one.model)
            change = card.loaded if card.loaded not in ("", one.model) else None
            card.take(one.model)
        self.shares.serve(one.project_id)
        return Pick(one, agent, change)

    def _choose_agent(self, avoid: str | None) -> str | None:
        """The one with the most room, the first named among equals; another than the one to avoid where there is one
        with room."""
        free = [agent for agent in self.limits.agents if self._has_room(agent)]
        others = [agent for agent in free if agent.name != avoid] or free
        return max(others, key=self._room_of).name if others else None

    def _has_room(self, agent: AgentRoom) -> bool:
        return self._room_of(agent) > 0

    def _room_of(self, agent: AgentRoom) -> float:
        return float("inf") if agent.capacity is None else agent.capacity - self.taken.agents[agent.name]
