"""All that waits for a person, a kind at a time: few columns, so that thousands are ranked in a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys.decide import waiting_deploys
from services.domain.states import ApprovalState, PlanState, QuestionState, RequestState, TaskState
from services.inbox.names import moment, named
from services.pushes.queue import WAITING
from services.store.models import Approval, Plan, Project, Push, Question, Request, Task


@dataclass(slots=True)
class Waiting:
    """One thing that waits. `roots` are the tasks whose dependents wait behind it, `things` what else does (tasks that
    a plan would make, requests that a budget stops), `behind` all of it; `payload` is what its kind has besides."""

    key: str
    kind: str
    id: int
    project_id: int | None
    task_id: int | None
    title: str
    reason: str
    sentence: str
    since: datetime
    link: str
    stage: str = ""
    patch_id: str | None = None
    version: int | None = None
    roots: tuple[int, ...] = ()
    things: int = 0
    behind: int = 0
    payload: Any = None


async def waiting(session: AsyncSession, poor: Sequence[Waiting]) -> list[Waiting]:
    """Of all projects that there are. Nothing twice: a task that waits for an approval shows as that, one that waits
    for an answer as what was asked, and what a budget stops as that budget (`poor`)."""
    approvals, questions = await _approvals(session), await _questions(session)
    stopped = [one for item in poor for one in item.payload.waits]
    deploys = await _deploys(session)
    covered = {item.task_id for item in (*approvals, *questions, *deploys)} | {one.task_id for one in stopped}
    tasks = [item for item in await _tasks(session) if item.task_id not in covered]
    unplanned = {one.request_id for one in stopped}
    requests = [item for item in await _requests(session) if item.id not in unplanned]
    others = [*tasks, *requests, *await _pushes(session), *deploys]
    items = [*approvals, *questions, *poor, *await _plans(session), *others]
    gone = set((await session.scalars(sa.select(Project.id).where(sa.not_(Project.in_sight())))).all())
    return [item for item in items if item.project_id not in gone]


async def _approvals(session: AsyncSession) -> list[Waiting]:
    query = sa.select(
        Approval.id, Approval.project_id, Approval.stage, Approval.patch_id, Approval.created_at, Task.id.label("task"),
        Task.key, Task.title, Task.waiting_sentence,
    ).join(Task, Task.id == Approval.task_id)  # fmt: skip
    rows = await session.execute(query.where(Approval.state == ApprovalState.ASKED, Task.deleted_at.is_(None)))
    return [
        Waiting(
            named("approval", row.id), "approval", row.id, row.project_id, row.task, f"{row.key} {row.title}",
            "approval", row.waiting_sentence or "Its change waits for your word before it is merged.", row.created_at,
            f"/approvals/{row.id}", row.stage, row.patch_id, roots=(row.task,),
        )
        for row in rows
    ]  # fmt: skip


async def _questions(session: AsyncSession) -> list[Waiting]:
    """Those of plans are items of their own: a plan can be approved without an answer to them."""
    query = (
        sa.select(Question, Task.key, Task.title, Plan.summary, Plan.body)
        .outerjoin(Task, Task.id == Question.task_id)
        .outerjoin(Plan, Plan.id == Question.plan_id)
        .where(Question.state == QuestionState.ASKED, sa.or_(Task.id.is_(None), Task.deleted_at.is_(None)))
        .order_by(Question.id)
    )
    return [
        Waiting(
            named("question", row.id), "question", row.id, row.project_id, row.task_id,
            f"{key} {title}" if key is not None else summary or "", "answer",
            f"{(row.role or 'An agent').upper()} asks: {row.text}", row.created_at, f"/questions/{row.id}", row.stage,
            roots=(row.task_id,) if row.task_id is not None else (), things=_drafted(body), payload=row,
        )
        for row, key, title, summary, body in await session.execute(query)
    ]  # fmt: skip


async def _plans(session: AsyncSession) -> list[Waiting]:
    rows = await session.scalars(sa.select(Plan).where(Plan.state == PlanState.WAITING))
    return [
        Waiting(
            named("plan", plan.id), "plan", plan.id, plan.project_id, None, plan.summary, "plan",
            f"A plan of {_drafted(plan.body)} tasks waits for your approval.", plan.created_at, f"/plans/{plan.id}",
            version=plan.version, things=_drafted(plan.body),
        )
        for plan in rows
    ]  # fmt: skip


def _drafted(body: dict[str, Any] | None) -> int:
    return len((body or {}).get("tasks", []))


async def _tasks(session: AsyncSession) -> list[Waiting]:
    query = sa.select(
        Task.id, Task.project_id, Task.key, Task.title, Task.stage, Task.version, Task.waiting_reason,
        Task.waiting_sentence, Task.waiting_since, Task.updated_at,
    ).where(Task.state == TaskState.WAITING, Task.deleted_at.is_(None))  # fmt: skip
    return [
        Waiting(
            named("task", row.id, moment(row.waiting_since)), "task", row.id, row.project_id, row.id,
            f"{row.key} {row.title}", row.waiting_reason or "", row.waiting_sentence,
            row.waiting_since or row.updated_at, f"/tasks/{row.id}", row.stage, version=row.version, roots=(row.id,),
        )
        for row in await session.execute(query)
    ]  # fmt: skip


async def _requests(session: AsyncSession) -> list[Waiting]:
    rows = await session.scalars(sa.select(Request).where(Request.state == RequestState.FAILED))
    return [
        Waiting(
            named("request", request.id, request.run_id or ""), "request", request.id, request.project_id, None,
            request.text[:120], "failed", request.sentence, request.updated_at, f"/requests/{request.id}",
            version=request.version,
        )
        for request in rows
    ]  # fmt: skip


async def _pushes(session: AsyncSession) -> list[Waiting]:
    """The newest of a branch alone: those before it are in its history. Queued, it goes by itself, and they with it."""
    query = sa.select(Push, Project.name).join(Project, Project.id == Push.project_id).where(Push.state.in_(WAITING))
    found = await session.execute(query.order_by(Push.id))
    newest = {(push.project_id, push.remote, push.branch): (push, name) for push, name in found}
    return [
        Waiting(
            named("push", push.id, push.attempts), "push", push.id, push.project_id, push.task_id,
            f"Push of {push.branch} to {push.remote} ({name})", "refused", push.sentence, push.created_at,
            f"/projects/{push.project_id}/pushes",
        )
        for push, name in newest.values()
        if push.state == "refused"
    ]  # fmt: skip


async def _deploys(session: AsyncSession) -> list[Waiting]:
    """Cut off, or failed with nothing else to become of it."""
    return [
        Waiting(
            named("deploy", row.id), "deploy", row.id, row.project_id, row.task_id,
            f"Deploy of {task.key} {task.title}" if task is not None else f"Deploy {row.id}, asked for by a person",
            row.state, row.sentence, row.finished_at or row.created_at, f"/deploys/{row.id}",
            roots=(row.task_id,) if row.task_id is not None else (),
        )
        for row, task in await waiting_deploys(session)
    ]  # fmt: skip
