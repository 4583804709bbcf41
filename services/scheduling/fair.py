"""Whose turn it is between projects, and in which order the tasks of one go.

Between projects: the next free place is the project's that has the fewest runs under way, as in max-min fair sharing
of places (the Fair Scheduler of M. Zaharia et al., "Delay Scheduling", EuroSys 2010, section 3). Among equals it is the
one with the least start tag, as in start-time fair queueing (P. Goyal, H. Vin, H. Cheng, "Start-Time Fair Queuing",
SIGCOMM 1996): a project's start tag is `max(v, its last finish tag)`, its finish tag one more, and the virtual time `v`
is the largest start tag that was served, which is the largest finish tag less one. So a project that was idle neither
saves up turns nor waits for its first: with a place to be had and none of its own taken, it is passed by at most once
by each other project, however many tasks they have queued.

Within a project: by urgency, which is priority and one more for each `ageing_seconds` of waiting, then by the time of
queueing, then by number. A task is passed only by tasks of higher priority that were queued less than (their priority
less its own) x `ageing_seconds` after it. All ties are broken, so the same queue always gives the same order.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

PLANNING = float("inf")  # a person waits for the plan: a request goes before its project's tasks


class Candidate(NamedTuple):
    """Something that wants a run: a queued task or, with `stage` empty, a new request or a deploy that was asked for.

    Times are seconds since 1970. `model` is the local model that it would ask, None where it needs no card. `wip` is
    the column's limit, None where the work was sent back: that is let in above it. `avoid` is the agent that lost its
    last run. `deploys`: its run deploys its project, which one at a time does. `deploy_run` is the run of a deploy that
    was asked for.
    """

    id: int
    project_id: int
    queued_at: float
    urgency: float
    stage: str = ""
    role: str | None = None
    wip: int | None = None
    model: str | None = None
    branch: str | None = None
    retry_at: float | None = None
    avoid: str | None = None
    deploys: bool = False
    deploy_run: str | None = None

    @property
    def is_task(self) -> bool:
        return bool(self.stage)

    @property
    def is_request(self) -> bool:
        return not self.stage and self.deploy_run is None

    @property
    def place(self) -> tuple[float, float, int]:
        """Its place among those of its project: the least goes first."""
        return (-self.urgency, self.queued_at, self.id)


class Shares:
    """What each project has under way (`live`), and its finish tag."""

    def __init__(self, live: Mapping[int, int], tags: Mapping[int, float]) -> None:
        self.live = Counter(live)
        self.tags = dict(tags)
        self._served = max(self.tags.values(), default=1.0) - 1.0
        self.changed: set[int] = set()

    def rank(self, first: Candidate) -> tuple[int, float, float, float, int]:
        """Of the candidate's project, whose first it is: the least is next."""
        return (self.live[first.project_id], self._start(first.project_id), *first.place[:2], first.project_id)

    def serve(self, project_id: int) -> None:
        start = self._start(project_id)
        self._served = max(self._served, start)
        self.tags[project_id] = start + 1.0
        self.live[project_id] += 1
        self.changed.add(project_id)

    def _start(self, project_id: int) -> float:
        return max(self._served, self.tags.get(project_id, 0.0))


_place = Candidate.place.fget  # a property is looked up for each
assert _place is not None


def by_project(candidates: Iterable[Candidate]) -> dict[int, list[Candidate]]:
    """Each project's own in their order."""
    grouped: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        grouped[one.project_id].append(one)
    for own in grouped.values():
        own.sort(key=_place)
    return grouped


def fair_order(candidates: Iterable[Candidate], shares: Shares) -> Iterator[Candidate]:
    """All, as they would start if nothing but the projects' turns stood in the way. Counts on in `shares`."""
    waiting = {project: iter(own) for project, own in by_project(candidates).items()}
    heap = [(shares.rank(first), first) for own in waiting.values() if (first := next(own, None))]
    heapq.heapify(heap)
    while heap:
        rank, one = heap[0]
        if (now := shares.rank(one)) != rank:  # the virtual time went on since it was ranked
            heapq.heapreplace(heap, (now, one))
            continue
        shares.serve(one.project_id)
        following = next(waiting[one.project_id], None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (shares.rank(following), following))
        yield one
