"""All that whoever works on a task should know, in one answer."""

import asyncio
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from main_api.reads.prompt import files_of, git_state
from main_api.reads.proofs import shown
from main_api.reads.rows import one
from main_api.schemas.attachment import AttachmentOut
from main_api.schemas.context import ContextOut, EarlierOut, GitContextOut, NoteOut, RecentCommitOut
from main_api.schemas.handoff import HandoffOut
from main_api.schemas.task import CommentOut, CriterionOut
from services.attachments.reach import reachable
from services.handoffs.fold import earlier_of
from services.projects.mcp_hints import mcp_hints
from services.prompts.brief import read_handoffs, read_notes
from services.store.models import Comment, Criterion, Project, Proof, Task, TaskNote

COMMENTS, PROOFS = 10, 20


async def read_context(hub: HubParts, task_id: int) -> ContextOut:
    """Raises NotFound."""
    async with hub.db.read() as session:  # closed before git runs
        task = await one(session, Task, task_id, "task")
        project = await session.get_one(Project, task.project_id)
        rows = await _rows(hub, session, task)
    git, hints = await _git(hub, task), await asyncio.to_thread(mcp_hints, files_of(hub, project, task))
    own = {name: getattr(task, name) for name in ("key", "title", "description", "stage", "state", "round")}
    found = {"git": git, "mcp_hints": hints, "help": f"/help/agents?task_id={task.id}"}
    return ContextOut.model_validate({**own, **rows, **found, "task_id": task.id, "role": task.assignee_role})


async def _rows(hub: HubParts, session: AsyncSession, task: Task) -> dict[str, Any]:
    criteria = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position)
    comments = sa.select(Comment).where(Comment.task_id == task.id, Comment.deleted_at.is_(None))
    proofs = sa.select(Proof).where(Proof.task_id == task.id).order_by(Proof.id.desc()).limit(PROOFS)
    handoffs = await read_handoffs(session, task.id)
    earlier = earlier_of(handoffs.older, handoffs.folds, hub.settings.fold_characters)
    found = (await session.scalars(comments.order_by(Comment.id.desc()).limit(COMMENTS))).all()
    return {
        "criteria": [CriterionOut.model_validate(row) for row in await session.scalars(criteria)],
        "comments": [CommentOut.model_validate(row) for row in reversed(found)],
        "proofs": await shown(hub.proofs, (await session.scalars(proofs)).all()[::-1]),
        "attachments": [AttachmentOut.model_validate(row) for row in await reachable(session, task)],
        "notes": [NoteOut.model_validate(row) for row in await read_notes(session, task.id)],
        "version": await session.scalar(sa.select(sa.func.count()).where(TaskNote.task_id == task.id)) or 0,
        "handoff": HandoffOut.model_validate(handoffs.last) if handoffs.last else None,
        "earlier": EarlierOut.model_validate(earlier),
    }


async def _git(hub: HubParts, task: Task) -> GitContextOut:
    git = await git_state(hub, task)
    return GitContextOut(
        branch=task.branch, base_sha=task.base_sha, head_sha=task.head_sha, changed=list(git.changed),
        recent=[RecentCommitOut(sha=sha, subject=subject) for sha, subject in git.commits],
        recent_files=list(git.files),
    )  # fmt: skip
