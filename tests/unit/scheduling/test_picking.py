"""Turns between projects, tasks and models, over any queue: limits hold, nobody starves, and ties are broken."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.cards import Cards
from services.scheduling.fair import Candidate, Shares, fair_order
from services.scheduling.limits import AgentRoom, SchedulingLimits
from services.scheduling.picking import Picking, Taken

AT = 1_000_000.0
STAGES = (("dev", "dev", 3), ("qa", "qa", 2), ("docs", "docs", 10))


@st.composite
def candidates(draw: st.DrawFn, most: int = 16, models: tuple[str | None, ...] = (None,)) -> list[Candidate]:
    made: list[Candidate] = []
    for number in range(draw(st.integers(1, most))):
        stage, role, wip = draw(st.sampled_from(STAGES))
        queued_at = AT - draw(st.integers(0, 3000))
        made.append(
            Candidate(
                number, draw(st.integers(1, 5)), queued_at, draw(st.integers(1, 10)) + (AT - queued_at) / 600, stage,
                role, None if draw(st.booleans()) and draw(st.booleans()) else wip, draw(st.sampled_from(models)),
                branch=draw(st.sampled_from([None, "one", f"own-{number}"])),
                retry_at=draw(st.sampled_from([None, None, AT - 1, AT + 5])),
            )
        )  # fmt: skip
    return made


LIMITS = st.builds(
    SchedulingLimits,
    per_project=st.integers(1, 4),
    overall=st.sampled_from([None, 1, 5]),
    per_role=st.sampled_from([{}, {"dev": 2}, {"qa": 1, "docs": 3}]),
    agents=st.sampled_from([(), (AgentRoom("a", 3),), (AgentRoom("a", 2), AgentRoom("b", 2))]),
)


def picking(limits: SchedulingLimits, room: int, tags: dict[int, float] | None = None) -> Picking:
    cards = Cards(limits.batch_seconds, limits.cards)
    return Picking(Taken(), Shares({}, tags or {}), cards, limits, room, AT)


@settings(max_examples=40, deadline=None)
@given(candidates(), LIMITS, st.integers(0, 8), st.randoms(use_true_random=False))
def test_no_limit_is_exceeded_and_none_is_left_unused(queue, limits, room, chance) -> None:
    scheduler = picking(limits, room)
    picks = scheduler.run(queue)
    chosen = [pick.candidate for pick in picks]
    assert len({one.id for one in chosen}) == len(chosen) <= room
    assert limits.overall is None or len(chosen) <= limits.overall
    assert all(count <= limits.per_project for count in Counter(one.project_id for one in chosen).values())
    roles = Counter(one.role for one in chosen)
    assert all(roles[role] <= most for role, most in limits.per_role.items())
    agents = Counter(pick.agent for pick in picks)
    assert all(agents[agent.name] <= agent.capacity for agent in limits.agents)
    columns = Counter((one.project_id, one.stage) for one in chosen if one.wip is not None)
    assert all(count <= {s: w for s, _, w in STAGES}[stage] for (_, stage), count in columns.items())
    branches = [(one.project_id, one.branch) for one in chosen if one.branch]
    assert len(set(branches)) == len(branches)
    assert all(one.retry_at is None or one.retry_at <= AT for one in chosen)
    left = [one for one in queue if one not in chosen]
    assert all(scheduler.bar(one, change=True) is not None for one in left), "who waits, waits for something"
    mixed = list(queue)
    chance.shuffle(mixed)
    assert [pick.candidate.id for pick in picking(limits, room).run(mixed)] == [one.id for one in chosen]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=8), st.integers(0, 7), st.integers(0, 30))
def test_a_project_is_passed_by_at_most_once_by_each_other(sizes, which, before) -> None:
    """One place at a time, runs that end at once, and a project that comes late with a single task."""
    late = len(sizes) + 1
    queue = [
        Candidate(project * 1000 + number, project, AT - number, 10.0, "dev", "dev", 99)
        for project, size in enumerate(sizes, start=1)
        for number in range(size)
    ]
    tags: dict[int, float] = {}
    order: list[int] = []
    for turn in range(sum(sizes) + 1):
        if turn == min(before, sum(sizes)):
            queue.append(Candidate(9_999_999, late, AT, 1.0, "dev", "dev", 99))
            came = turn
        scheduler = picking(SchedulingLimits(), 1, tags)
        (pick,) = scheduler.run(queue)
        tags = scheduler.shares.tags
        queue.remove(pick.candidate)
        order.append(pick.candidate.project_id)
    passed = order[came : order.index(late)]
    assert len(passed) <= len(sizes) and max(Counter(passed).values(), default=0) <= 1
    gaps = Counter(order[: min(sizes) * len(sizes)])
    busy = [gaps[project] for project in range(1, len(sizes) + 1)]
    assert max(busy) - min(busy) <= 1, "while all have work, all are served alike"


@settings(max_examples=20, deadline=None)
@given(candidates())
def test_the_order_shown_has_everybody_once_and_each_projects_own_by_urgency(queue) -> None:
    order = list(fair_order(queue, Shares({1: 2}, {2: 7.0})))
    assert sorted(one.id for one in order) == sorted(one.id for one in queue)
    for project in {one.project_id for one in queue}:
        own = [one.place for one in order if one.project_id == project]
        assert own == sorted(own)


def test_the_agent_that_lost_the_run_is_passed_over_where_another_has_room() -> None:
    two = SchedulingLimits(per_project=9, agents=(AgentRoom("a", 9), AgentRoom("b", 1)))
    lost = [Candidate(n, 1, AT, 5.0, "dev", "dev", 9, avoid="a") for n in range(2)]
    assert [pick.agent for pick in picking(two, 9).run(lost)] == ["b", "a"], (
        "the only one with room is taken all the same"
    )


CARD = SchedulingLimits(per_project=99, per_role={}, cards=frozenset({"ollama"}), batch_seconds=100)
SMALL, LARGE, THIRD = "ollama/small", "ollama/large", "ollama/third"


def simulate(
    queue: list[Candidate], run_seconds: int, room: int, seconds: int, step: int = 1
) -> tuple[list[tuple[int, str]], int]:
    """In steps of seconds: what was started when, and how often the card changed its model."""
    running: list[tuple[int, Candidate]] = []
    started: list[tuple[int, str]] = []
    tags: dict[int, float] = {}
    loaded, since, changes = "", 0, 0
    for second in range(0, seconds, step):
        running = [(end, one) for end, one in running if end > second]
        cards = Cards(CARD.batch_seconds, CARD.cards)
        card = cards.of("ollama/")
        card.loaded, card.lasted = loaded, float(second - since)
        card.using = {one.model for _, one in running if one.model}
        taken = Taken(live=len(running), projects=Counter(one.project_id for _, one in running))
        scheduler = Picking(taken, Shares(taken.projects, tags), cards, CARD, room - len(running), AT + second)
        for pick in scheduler.run(queue):
            one = pick.candidate
            queue.remove(one)
            running.append((second + run_seconds, one))
            started.append((second, one.model or ""))
            if one.model and one.model != loaded:
                loaded, since, changes = one.model, second, changes + 1
        tags = scheduler.shares.tags
    return started, changes


def queue_of(*models: str, each: int) -> list[Candidate]:
    return [
        Candidate(n, n % 4, AT - 1000 + n, 5.0, "dev", "dev", 99, models[n % len(models)])
        for n in range(each * len(models))
    ]


def test_models_take_turns_in_batches_and_none_waits_longer_than_its_bound() -> None:
    started, changes = simulate(queue_of(SMALL, LARGE, THIRD, each=40), run_seconds=20, room=2, seconds=1400, step=5)
    assert len(started) == 120
    assert changes <= 13, "1200 s of work in turns of 100 s, and not a change for each of 120 runs"
    for model in (SMALL, LARGE, THIRD):
        mine = [second for second, name in started if name == model]
        gaps = [later - earlier for earlier, later in zip([0, *mine], mine, strict=False)]
        assert max(gaps) <= 2 * 2 * CARD.batch_seconds + 20, model


def test_a_run_that_never_ends_does_not_keep_the_card_for_ever() -> None:
    queue = queue_of(SMALL, each=2)
    long = queue[0]._replace(id=500, queued_at=AT - 5000, urgency=99.0)
    other = Candidate(501, 7, AT, 1.0, "dev", "dev", 99, LARGE)
    started, _ = simulate([long, other], run_seconds=100_000, room=4, seconds=400, step=10)
    assert started == [(0, SMALL), (200, LARGE)], "in turn after 100 s, and let in beside the other after as long again"


def test_without_batches_nobody_waits_for_a_card() -> None:
    limits = replace(CARD, batch_seconds=0)
    cards = Cards(0, limits.cards)
    cards.of("ollama/").loaded = SMALL
    cards.of("ollama/").using = {SMALL}
    scheduler = Picking(Taken(), Shares({}, {}), cards, limits, 9, AT)
    picks = scheduler.run(queue_of(LARGE, THIRD, SMALL, each=1))
    assert len(picks) == 3 and picks[0].change == SMALL
