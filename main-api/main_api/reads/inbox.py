"""The inbox: all that waits for a person, the longest waiting first."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.used_up import used_up
from main_api.schemas.board import InboxItem
from main_api.schemas.question import QuestionOut
from services.domain.states import ApprovalState, PlanState, QuestionState, RequestState, TaskState
from services.models.budgets import Defaults
from services.store.models import Approval, Plan, Project, Push, Question, Request, Task


async def read_inbox(session: AsyncSession, project_id: int | None, budgets: Defaults) -> list[InboxItem]:
    """Nothing twice: a task that waits for an approval shows as that, one that waits for an answer as what was asked,
    and what a budget stops as that budget."""
    approvals, poor = await _approvals(session), await used_up(session, budgets)
    questions = await _questions(session)
    stopped = [one for item in poor if item.budget for one in item.budget.waits]
    covered = {item.task_id for item in (*approvals, *questions)} | {one.task_id for one in stopped}
    tasks = [item for item in await _tasks(session) if item.task_id not in covered]
    unplanned = {one.request_id for one in stopped}
    requests = [item for item in await _requests(session) if item.id not in unplanned]
    items = [*approvals, *questions, *poor, *await _plans(session), *tasks, *requests, *await _pushes(session)]
    gone = set((await session.scalars(sa.select(Project.id).where(Project.deleted_at.is_not(None)))).all())
    mine = (i for i in items if i.project_id not in gone and (project_id is None or i.project_id in (None, project_id)))
    return sorted(mine, key=lambda item: item.since)


async def _approvals(session: AsyncSession) -> list[InboxItem]:
    query = sa.select(Approval, Task).join(Task, Task.id == Approval.task_id)
    rows = await session.execute(query.where(Approval.state == ApprovalState.ASKED, Task.deleted_at.is_(None)))
    return [
        InboxItem(
            kind="approval", id=approval.id, project_id=approval.project_id, task_id=task.id,
            title=f"{task.key} {task.title}", reason="approval",
            sentence=task.waiting_sentence or "Its change waits for your word before it is merged.",
            since=approval.created_at, link=f"/approvals/{approval.id}",
        )
        for approval, task in rows
    ]  # fmt: skip


async def _questions(session: AsyncSession) -> list[InboxItem]:
    """Those of plans are items of their own: a plan can be approved without an answer to them."""
    query = (
        sa.select(Question, Task, Plan.summary)
        .outerjoin(Task, Task.id == Question.task_id)
        .outerjoin(Plan, Plan.id == Question.plan_id)
        .where(Question.state == QuestionState.ASKED, sa.or_(Task.id.is_(None), Task.deleted_at.is_(None)))
        .order_by(Question.id)
    )
    return [
        InboxItem(
            kind="question", id=row.id, project_id=row.project_id, task_id=row.task_id,
            title=f"{task.key} {task.title}" if task is not None else summary or "",
            reason="answer", sentence=f"{(row.role or 'An agent').upper()} asks: {row.text}", since=row.created_at,
            link=f"/questions/{row.id}", question=QuestionOut.model_validate(row),
        )
        for row, task, summary in await session.execute(query)
    ]  # fmt: skip


async def _plans(session: AsyncSession) -> list[InboxItem]:
    rows = await session.scalars(sa.select(Plan).where(Plan.state == PlanState.WAITING))
    return [
        InboxItem(
            kind="plan", id=plan.id, project_id=plan.project_id, task_id=None, title=plan.summary, reason="plan",
            sentence=f"A plan of {len(plan.body.get('tasks', []))} tasks waits for your approval.",
            since=plan.updated_at, link=f"/plans/{plan.id}",
        )
        for plan in rows
    ]  # fmt: skip


async def _tasks(session: AsyncSession) -> list[InboxItem]:
    query = sa.select(Task).where(Task.state == TaskState.WAITING, Task.deleted_at.is_(None))
    return [
        InboxItem(
            kind="task", id=task.id, project_id=task.project_id, task_id=task.id, title=f"{task.key} {task.title}",
            reason=task.waiting_reason or "", sentence=task.waiting_sentence, since=task.updated_at,
            link=f"/tasks/{task.id}",
        )
        for task in await session.scalars(query)
    ]  # fmt: skip


async def _requests(session: AsyncSession) -> list[InboxItem]:
    rows = await session.scalars(sa.select(Request).where(Request.state == RequestState.FAILED))
    return [
        InboxItem(
            kind="request", id=request.id, project_id=request.project_id, task_id=None, title=request.text[:120],
            reason="failed", sentence=request.sentence, since=request.updated_at, link=f"/requests/{request.id}",
        )
        for request in rows
    ]  # fmt: skip


async def _pushes(session: AsyncSession) -> list[InboxItem]:
    """The newest of a project alone: it has those before it in its history."""
    query = sa.select(Push, Project).join(Project, Project.id == Push.project_id).where(Push.state == "refused")
    newest = {push.project_id: (push, project) for push, project in await session.execute(query.order_by(Push.id))}
    return [
        InboxItem(
            kind="push", id=push.id, project_id=push.project_id, task_id=push.task_id,
            title=f"Push of {push.branch} to {push.remote} ({project.name})", reason="refused", sentence=push.sentence,
            since=push.created_at, link=f"/projects/{push.project_id}/pushes",
        )
        for push, project in newest.values()
    ]  # fmt: skip
