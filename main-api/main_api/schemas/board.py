"""The board, the inbox and the header's facts on the wire."""

from datetime import datetime

from pydantic import Field

from main_api.schemas.shape import Out
from main_api.schemas.statistics import WipViolation
from main_api.schemas.task import TaskOut

Usd = str


class TestCounts(Out):
    __test__ = False  # no test of ours, though its name begins like one

    passed: int
    failed: int


class ScanCount(Out):
    new_findings: int


class DiffStat(Out):
    files: int
    added: int
    removed: int


class SentBack(Out):
    """Who sent the task back, and why."""

    stage: str
    sentence: str


class CardOut(TaskOut):
    """A task as a card. `tests` and `scan` are of the current round; `diff_stat` is known once a person is asked.

    `activity` says what its run does now, in words; `/ws/events` goes on from there with `run.activity` frames.
    """

    round_max: int
    activity: str | None = Field(examples=["editing money.py · turn 2"])
    running_since: datetime | None = Field(
        description="When its run began, later by the time it stood still; null while it stands still"
    )
    held: bool = Field(description="Its run stands still, paused by itself or with its task, its project or everything")
    waiting_since: datetime | None
    criteria_met: int
    criteria_total: int
    tests: TestCounts | None
    scan: ScanCount | None
    diff_stat: DiffStat | None
    blocked_by_keys: list[str]
    sent_back: SentBack | None
    cost_usd: Usd = Field(examples=["0.0132"], description="US dollars, as a decimal")
    tokens: int
    orphan: bool = Field(description="In nobody's hands: no run, queue, task or person has it")


class ColumnOut(Out):
    """One stage. `count`, `over` and `by_state` are of the whole stage, whatever is filtered: `count` is of open tasks,
    `over` means it is above the WIP limit. `tasks` are the first of the `total` that are wanted; `next` leads to more
    in `GET /board/columns/{stage}`."""

    stage: str
    title: str
    role: str | None
    wip: int | None
    count: int
    over: bool
    by_state: dict[str, int]
    total: int = Field(description="Cards that the filters want, on all pieces")
    waiting: int = Field(description="Of these, those that wait for a person")
    tasks: list[CardOut]
    next: str | None = Field(description="The cursor of the next piece; null where all is here")


class BoardOut(Out):
    """`seq` is the last event the board contains: follow `/ws/events?after=seq`."""

    seq: int
    columns: list[ColumnOut]
    violations: list[WipViolation]
    orphans: list[str] = Field(description="Keys of tasks in nobody's hands; the orchestrator repairs them in seconds")


class ColumnPieceOut(Out):
    """Further cards of one column. `seq` is the last event they contain."""

    seq: int
    tasks: list[CardOut]
    next: str | None = Field(description="The cursor of the next piece; null where this is the last")


class LaneOut(Out):
    """One plan's cards on the board; without a `plan_id` those of tasks that belong to none."""

    plan_id: int | None
    title: str
    total: int
    waiting: int = Field(description="Of these, those that wait for a person")


class LanesOut(Out):
    """The newest plan first, and last what belongs to none. `next`: send it as `before` for older plans."""

    seq: int
    lanes: list[LaneOut]
    next: int | None


class ProjectSummary(Out):
    """`open` counts tasks that are neither done nor cancelled, `running` runs that an agent carries now, `waiting` what
    waits for a person."""

    id: int
    key: str
    name: str
    open: int
    running: int
    waiting: int
    paused: bool


class SummaryOut(Out):
    """The header's facts. `model` is that of the newest run; `cost_today_usd` counts from midnight UTC."""

    working: int = Field(description="Runs that an agent carries now")
    model: str | None
    cost_today_usd: Usd
    waiting: int = Field(description="What GET /inbox counts")
    scripted_model: bool = Field(description="A project plays a script instead of asking an AI")
    projects: list[ProjectSummary]
