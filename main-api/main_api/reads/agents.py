"""Agents with the runs and tasks that their jobs belong to."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.agents import Seen
from main_api.schemas.agent import AgentJobOut, AgentOut
from services.agents.named import FIRST
from services.contract.agent_standing import JobNow
from services.domain.states import LIVE_RUN
from services.store.models import Run, Task

WHOSE = sa.select(
    Run.id, Run.project_id, Run.task_id, Run.request_id, Run.stage, Run.role, Task.key, Task.title
).outerjoin(Task, Task.id == Run.task_id)
GIVEN = sa.select(Run.agent, sa.func.count()).where(Run.state.in_(LIVE_RUN), Run.owner.is_not(None)).group_by(Run.agent)


async def agents_of(session: AsyncSession, seen: Sequence[Seen]) -> list[AgentOut]:
    """In the order of the settings, the first agent first. A run of which nobody said the agent counts for that one."""
    ids = {job.run_id for one in seen if one.standing for job in one.standing.jobs}
    rows = (await session.execute(WHOSE.where(Run.id.in_(ids)))).all() if ids else []
    whose = {row.id: row for row in rows}
    known = {one.name for one in seen}
    given: dict[str, int] = {}
    for name, count in (await session.execute(GIVEN)).all():
        agent = name if name in known else FIRST
        given[agent] = given.get(agent, 0) + count
    return [_agent(one, given.get(one.name, 0), whose) for one in seen]


def _agent(one: Seen, runs: int, whose: Mapping[str, Any]) -> AgentOut:
    told = one.standing
    return AgentOut(
        name=one.name, url=one.url, state=one.state, seen_seconds_ago=one.seconds_ago, sentence=one.sentence,
        way_out=one.way_out, limit=one.capacity, runs=runs,
        jobs=[_job(job, whose.get(job.run_id)) for job in told.jobs] if told else [],
        capacity=told.capacity if told else None, host=told.host if told else None, pid=told.pid if told else None,
        started_at=told.started_at if told else None, seconds_up=told.seconds_up if told else None,
        executors=list(told.executors) if told else [], tools=list(told.tools) if told else [],
        cage=told.cage if told else None, aider=told.aider if told else None,
    )  # fmt: skip


def _job(job: JobNow, row: Any) -> AgentJobOut:
    out = AgentJobOut(
        run_id=job.run_id, step=job.step, executor=job.executor, model=job.model, started_at=job.started_at,
        held=job.held, task_key=job.task_key or None,
    )  # fmt: skip
    if row is None:
        return out
    found = row._mapping
    more = {name: found[name] for name in ("project_id", "task_id", "request_id", "stage", "role")}
    return out.model_copy(update={**more, "task_key": found["key"], "task_title": found["title"]})
