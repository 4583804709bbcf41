"""What admission and the queue's page look at, by plain statements: a long queue costs rows, never objects."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from services.domain.states import BEGUN_TASK, LIVE_RUN, RequestState, RunState, TaskState
from services.domain.workflow import Stage, Workflow
from services.pauses.covering import EVERYTHING
from services.scheduling.asks import Asks, asks_a_model, policies, stage_of
from services.scheduling.cards import Cards, provider_of
from services.scheduling.fair import PLANNING, Candidate, Shares
from services.scheduling.limits import SchedulingLimits
from services.scheduling.picking import Taken
from services.store.later import ask, say
from services.store.listed import one_of_text
from services.store.models import ModelLoad, Plan, Project, ProjectTurn, Request, Role, Run, Task
from services.store.plain import Seconds, Statement, run_on

_TEXT = sa.Text()
LIVE = Statement(
    sa.select(Run.id, Run.owner, Run.project_id, Run.role, Run.agent, Run.model, Task.branch, Run.held)
    .outerjoin(Task, Task.id == Run.task_id)
    .where(sa.or_(*(Run.state == state for state in sorted(LIVE_RUN))), Run.owner.is_not(None))
)
PROJECTS = Statement(
    sa.select(Project.id, Project.paused, sa.cast(Project.settings, _TEXT), ProjectTurn.tag, EVERYTHING)
    .outerjoin(ProjectTurn, ProjectTurn.project_id == Project.id)
    .where(Project.deleted_at.is_(None))
)
REQUESTS = Statement(
    sa.select(Request.id, Request.project_id, Seconds(Request.created_at), sa.cast(Request.models, _TEXT)).where(
        Request.state == RequestState.NEW,
        ~sa.exists().where(Run.id == Request.run_id, Run.paused_at.is_not(None), Run.state == RunState.QUEUED.value),
    )
)
STOPPING = Statement(sa.select(Run.task_id).where(Run.stopping))
QUEUED = Statement(
    sa.select(
        Task.id, Task.project_id, Task.workflow_id, Task.stage, Task.priority, Seconds(Task.queued_at), Task.sent_back,
        Task.size, Task.branch, Seconds(Task.retry_at), Task.lost_runs, sa.cast(Task.models, _TEXT),
        sa.cast(Request.models, _TEXT),
    )
    .outerjoin(Plan, Plan.id == Task.plan_id)
    .outerjoin(Request, Request.id == Plan.request_id)
    .where(Task.state == TaskState.QUEUED, Task.deleted_at.is_(None))
)  # fmt: skip
BEGUN = Statement(
    sa.select(Task.project_id, Task.stage, sa.func.count())
    .where(sa.or_(*(Task.state == state for state in sorted(BEGUN_TASK))), Task.deleted_at.is_(None))
    .group_by(Task.project_id, Task.stage)
)
ROLES = Statement(sa.select(Role.name, sa.cast(Role.models, _TEXT), Role.model).where(Role.active).order_by(Role.id))
_LOADED = Statement(
    sa.select(ModelLoad.model, Seconds(ModelLoad.created_at))
    .where(ModelLoad.provider == sa.bindparam("provider"))
    .order_by(ModelLoad.id.desc())
    .limit(1)
)
_LOAD_SECONDS = Statement(
    sa.select(ModelLoad.seconds)
    .where(ModelLoad.model == sa.bindparam("model"), ModelLoad.seconds.is_not(None))
    .order_by(ModelLoad.id.desc())
    .limit(5)
)
BEFORE = Statement(
    sa.select(
        Run.task_id, Run.stage, sa.func.count(),
        sa.func.max(sa.case((sa.and_(Run.state == RunState.QUEUED, Run.owner.is_(None)), Run.id))),
    )
    .where(one_of_text(Run.task_id, sa.bindparam("tasks", type_=_TEXT)))
    .group_by(Run.task_id, Run.stage)
)  # fmt: skip
_LOST_BY = Statement(
    sa.select(Run.agent)
    .where(Run.task_id == sa.bindparam("task"), Run.state == RunState.LOST)
    .order_by(Run.id.desc())
    .limit(1)
)
_FIRST_TAG = Statement(sa.insert(ProjectTurn), ("project_id", "tag"))
_TAGGED = Statement(
    sa.update(ProjectTurn)
    .where(ProjectTurn.project_id == sa.bindparam("of_project"))
    .values(tag=sa.bindparam("new_tag"))
)


Rows = Sequence[tuple[Any, ...]]


@dataclass
class Live:
    """Runs that orchestrators carry, and what of them counts."""

    rows: Rows
    taken: Taken = field(default_factory=Taken)

    def owned_by(self, owner: str) -> int:
        return sum(1 for row in self.rows if row[1] == owner)


def live_of(rows: Rows, limits: SchedulingLimits) -> Live:
    """A run of which nobody knows the agent counts for the first one."""
    live = Live(rows)
    first = limits.agents[0].name if limits.agents else ""
    known = {agent.name for agent in limits.agents}
    for _, _, project, role, agent, _, branch, held in live.rows:
        live.taken.live += 1
        live.taken.held += held is not None
        live.taken.projects[project] += 1
        live.taken.roles[role or ""] += 1
        live.taken.agents[agent if agent in known else first] += 1
        if branch is not None:
            live.taken.branches.add((project, branch))
    return live


@dataclass(frozen=True)
class Projects:
    """Those that are there: their settings as JSON text, which of them are paused, and their finish tags.

    `all_paused`: everything is, and so each of them.
    """

    settings: Mapping[int, str]
    paused: frozenset[int]
    tags: Mapping[int, float]
    all_paused: bool

    def shares(self, live: Live) -> Shares:
        return Shares(live.taken.projects, self.tags)


@dataclass(frozen=True)
class Looked:
    """All that waits, and what says whether it may start. `queued` has all queued tasks, those of paused projects and
    those whose last run is being stopped too; `stopping` are the tasks of such runs: a worktree has one writer.
    `begun` is how many tasks stand in each column and are begun there."""

    queued: Rows
    stopping: frozenset[int]
    projects: Projects
    asks: Asks
    requests: list[Candidate]
    begun: Mapping[tuple[int, str], int]


async def look(session: AsyncSession, limits: SchedulingLimits) -> Looked:
    """In one way to the database."""
    wanted = QUEUED, STOPPING, PROJECTS, REQUESTS, BEGUN, *([ROLES] if limits.cards else [])
    queued, stopping, found, asked, begun, *roles = await ask(session, *((one, {}) for one in wanted))
    projects = Projects(
        {row[0]: row[2] for row in found},
        frozenset(row[0] for row in found if row[1] or row[4]),
        {row[0]: row[3] for row in found if row[3] is not None},
        any(row[4] for row in found),
    )
    asks = Asks(limits, policies(roles[0]) if roles else {}, projects.settings)
    requests = [
        Candidate(number, project, at, PLANNING, role="pm", model=asks.of_request(project, models))
        for number, project, at, models in asked
    ]
    tasks = frozenset(row[0] for row in stopping if row[0] is not None)
    return Looked(queued, tasks, projects, asks, requests, {(row[0], row[1]): row[2] for row in begun})


def workflows_in(rows: Rows) -> list[int]:
    return sorted({row[2] for row in rows})


def candidates_of(
    session: Session,
    limits: SchedulingLimits,
    asks: Asks,
    workflows: Mapping[int, Workflow],
    rows: Rows,
    at: float,
    deploys: Collection[int] = (),
) -> list[Candidate]:
    """Of the queued tasks. `deploys` are the projects that have a deploy command."""
    found: list[Candidate] = []
    several, ageing, by_model = len(limits.agents) > 1, limits.ageing_seconds, bool(limits.cards)
    stages: dict[tuple[int, str], tuple[Stage | None, bool]] = {}
    for (
        number, project, workflow, name, priority, queued, sent_back, size, branch, retry, lost, own, asked,
    ) in rows:  # fmt: skip
        if (workflow, name) not in stages:
            stage = stage_of(workflows[workflow], name)
            stages[workflow, name] = stage, by_model and stage is not None and asks_a_model(stage)
        stage, asking = stages[workflow, name]
        if stage is None:
            continue
        since = at if queued is None else queued
        found.append(
            Candidate(
                number, project, since, priority + (at - since) / ageing, name, stage.role,
                None if sent_back else stage.wip,
                asks.of_task(project, stage.role, size, own, asked) if asking else None,
                branch, retry, _lost_by(session, number) if lost and several else None,
                project in deploys and stage.deploys,
            )
        )  # fmt: skip
    return found


def _lost_by(session: Session, task_id: int) -> str | None:
    rows = run_on(session.connection, _LOST_BY, {"task": task_id})
    return rows[0][0] if rows else None


class Before(NamedTuple):
    """How many runs of its stage a task has had, and the one that waits for its turn, if a person started one."""

    attempts: int = 0
    waiting: str | None = None


def before_of(rows: Rows, picks: Sequence[Candidate]) -> dict[int, Before]:
    """By task; the rows are those of BEFORE."""
    known = {(task, stage): Before(count, waiting) for task, stage, count, waiting in rows}
    return {one.id: known.get((one.id, one.stage), Before()) for one in picks}


def read_cards(
    session: Session, limits: SchedulingLimits, live: Live, candidates: Sequence[Candidate], at: float
) -> Cards:
    """What the cards hold: the model of the run that was admitted last, else the one that was loaded last."""
    cards = Cards(limits.batch_seconds, limits.cards)
    wanted = {provider_of(one.model) for one in candidates if one.model is not None}
    for provider in sorted(wanted):
        card = cards.of(f"{provider}/")
        using = [(row[0], row[5]) for row in live.rows if row[5] is not None and provider_of(row[5]) == provider]
        rows = run_on(session.connection, _LOADED, {"provider": provider})
        last, since = (rows[0][0], rows[0][1]) if rows else ("", at)
        card.using = {model for _, model in using}
        card.loaded = max(using)[1] if using else last
        if card.loaded != last and using:  # it was not asked yet: its turn began with its first run
            since = min(_made_at(number, at) for number, model in using if model == card.loaded)
        card.lasted = max(0.0, at - since)
    return cards


def read_change_seconds(session: Session, models: Sequence[str]) -> dict[str, float]:
    """How long loading each of the models took, the mean of the last five times; without those never measured."""
    found: dict[str, float] = {}
    for model in models:
        if seconds := [row[0] for row in run_on(session.connection, _LOAD_SECONDS, {"model": model})]:
            found[model] = sum(seconds) / len(seconds)
    return found


async def keep_tags(session: AsyncSession, shares: Shares, projects: Projects) -> None:
    """For what was served now."""
    for project in sorted(shares.changed):
        if project in projects.tags:
            await say(session, _TAGGED, {"of_project": project, "new_tag": shares.tags[project]})
        else:
            await say(session, _FIRST_TAG, {"project_id": project, "tag": shares.tags[project]})


def _made_at(run_id: str, at: float) -> float:
    """When the run was made: the first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562, 5.7)."""
    made = uuid.UUID(run_id)
    return (made.int >> 80) / 1000 if made.version == 7 else at
