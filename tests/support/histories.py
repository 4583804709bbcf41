"""Histories of a hub for metrics, as Hypothesis makes them: small, and full of edges. Times are whole milliseconds."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

BEGIN = datetime(2026, 3, 27, tzinfo=UTC)  # Berlin's clocks go forward on the 29th, Lord Howe's back on April the 5th
MINUTES = 60 * 24 * 10
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
]
STATES = ["passed", "failed", "blocked", "cancelled", "lost", "running", "queued"]
ENDED = STATES[:5]


@dataclass(frozen=True)
class RunOf:
    project: int
    stage: str
    role: str | None
    model: str | None
    state: str
    started_at: datetime | None
    finished_at: datetime | None
    paused_seconds: float


@dataclass(frozen=True)
class CallOf:
    """`run` is the place of its run, None for a call without one."""

    project: int | None
    run: int | None
    role: str | None
    model: str
    outcome: str
    created_at: datetime
    tokens_in: int
    tokens_out: int
    cost: float
    estimated: bool


@dataclass(frozen=True)
class DoneOf:
    task: int
    at: datetime
    round: int


@dataclass(frozen=True)
class WaitOf:
    project: int
    reason: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class History:
    """Three projects, the third of which is deleted; task N is of project N % 3."""

    runs: list[RunOf] = field(default_factory=list[RunOf])
    calls: list[CallOf] = field(default_factory=list[CallOf])
    done: list[DoneOf] = field(default_factory=list[DoneOf])
    waits: list[WaitOf] = field(default_factory=list[WaitOf])
    plans: list[WaitOf] = field(default_factory=list[WaitOf])


_ms = st.integers(0, MINUTES * 60_000).map(lambda ms: BEGIN + timedelta(milliseconds=ms))
_edges = st.sampled_from([0, 1, 899_999, 900_000]).flatmap(
    lambda ms: st.integers(0, MINUTES // 60).map(lambda hour: BEGIN + timedelta(hours=hour, milliseconds=ms))
)
moments = st.one_of(_ms, _edges)
lengths = st.one_of(st.sampled_from([0, 1, 1_000, 60_000]), st.integers(0, 40 * 3_600_000))  # ties, and over midnight
projects = st.integers(0, 2)
models = st.sampled_from(["ollama/small", "anthropic/large"])
roles = st.one_of(st.none(), st.sampled_from(["dev", "qa"]))


@st.composite
def runs(draw: st.DrawFn) -> RunOf:
    state, begun = draw(st.sampled_from(STATES)), draw(moments)
    over = state in ENDED
    length = draw(lengths)
    return RunOf(
        project=draw(projects), stage=draw(st.sampled_from(["dev", "qa", "tést's"])), role=draw(roles),
        model=draw(st.one_of(st.none(), models)), state=state,
        started_at=None if over and draw(st.integers(0, 9)) == 0 else begun,
        finished_at=begun + timedelta(milliseconds=length) if over else None,
        paused_seconds=draw(st.sampled_from([0.0, 0.5, 3_600.0])),
    )  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> CallOf:
    return CallOf(
        project=draw(st.one_of(st.none(), projects)), run=draw(st.one_of(st.none(), st.integers(0, 5))),
        role=draw(roles), model=draw(models),
        outcome=draw(st.sampled_from(["answered", "failed", "abandoned", "refused", "replayed", "open"])),
        created_at=draw(moments), tokens_in=draw(st.integers(0, 5_000)), tokens_out=draw(st.integers(0, 5_000)),
        cost=draw(st.integers(0, 10**9)) / 10**9, estimated=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def waits(draw: st.DrawFn, reasons: list[str]) -> WaitOf:
    began = draw(moments)
    over = draw(st.integers(0, 4)) > 0
    ended = began + timedelta(milliseconds=draw(lengths)) if over else None
    return WaitOf(draw(projects), draw(st.sampled_from(reasons)), began, ended)


histories = st.builds(
    History,
    runs=st.lists(runs(), max_size=30),
    calls=st.lists(calls(), max_size=15),
    done=st.lists(st.builds(DoneOf, st.integers(0, 5), moments, st.integers(1, 5)), max_size=10),
    waits=st.lists(waits(["approval", "answer"]), max_size=12),
    plans=st.lists(waits(["plan"]), max_size=4),
)
