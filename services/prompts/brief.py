"""What is known of a task when a run starts, read in one go."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import HandoffState
from services.domain.workflow import Stage
from services.feedback.hear import to_be_told
from services.prompts.who import Who, who_is
from services.questions.read import settled_questions
from services.reviews.findings import open_findings
from services.store.models import (
    Comment,
    Criterion,
    Finding,
    Handoff,
    HandoffFold,
    Project,
    Proof,
    Question,
    Role,
    Run,
    Task,
    TaskNote,
)
from services.store.session import Select
from services.tasks.session import SessionEntry, read_session
from services.trackers.provider import PROVIDERS

LEFT_BY_RUNS = "hub"
BROUGHT_TOLD = 10  # the newest proofs
HANDOFFS_TOLD = 100
NOTES_TOLD = 40
TRACKERS = tuple(one.name for one in PROVIDERS)  # whose words are no person's of the hub
SAID_ELSEWHERE_TOLD = 10
SAID_LOOKED_AT = 30  # of what people said, the newest

_TASK = sa.bindparam("task")
_CRITERIA = Select(Criterion, lambda rows: rows.where(Criterion.task_id == _TASK).order_by(Criterion.position))
_HANDOFFS = Select(
    Handoff,
    lambda rows: (
        rows.where(Handoff.task_id == _TASK, Handoff.state != HandoffState.FAILED.value)
        .order_by(Handoff.id.desc())
        .limit(HANDOFFS_TOLD)
    ),
)
_FOLDS = Select(HandoffFold, lambda rows: rows.where(HandoffFold.task_id == _TASK, HandoffFold.text != ""))
_NOTES = Select(
    TaskNote, lambda rows: rows.where(TaskNote.task_id == _TASK).order_by(TaskNote.id.desc()).limit(NOTES_TOLD)
)
_SAID = Select(
    Comment,
    lambda rows: (
        rows.where(Comment.task_id == _TASK, Comment.deleted_at.is_(None), Comment.run_id.is_(None))
        .where(*(Comment.author != name for name in TRACKERS))
        .order_by(Comment.id.desc())
        .limit(SAID_LOOKED_AT)
    ),
)
_SAID_ELSEWHERE = Select(
    Comment,
    lambda rows: (
        rows.where(Comment.task_id == _TASK, Comment.deleted_at.is_(None))
        .where(sa.or_(*(Comment.author == name for name in TRACKERS)))
        .order_by(Comment.id.desc())
        .limit(SAID_ELSEWHERE_TOLD + 1)  # one more tells that there are more
    ),
)
_BROUGHT = Select(
    Proof,
    lambda rows: (
        rows.where(Proof.task_id == _TASK, Proof.created_by != LEFT_BY_RUNS)
        .order_by(Proof.id.desc())
        .limit(BROUGHT_TOLD)
    ),
)


@dataclass(frozen=True)
class Handoffs:
    """A task's last handoff, the older ones oldest first, and models' short accounts of those."""

    last: Handoff | None
    older: tuple[Handoff, ...] = ()
    folds: tuple[HandoffFold, ...] = ()


@dataclass(frozen=True)
class Brief:
    """The rows a prompt is built from."""

    project: Project
    task: Task
    run: Run
    stage: Stage
    who: Who
    criteria: tuple[Criterion, ...]
    findings: tuple[Finding, ...]
    handoff: Handoff | None
    comment: Comment | None
    brought: tuple[Proof, ...]
    answers: tuple[Question, ...] = ()  # what agents asked on the task, and what became of it, oldest first
    files: str = ""  # what came with the task and its request, in words
    before: tuple[SessionEntry, ...] = ()  # what this role did on the task so far
    older: tuple[Handoff, ...] = ()  # handoffs before the last one, oldest first
    folds: tuple[HandoffFold, ...] = ()  # of those
    notes: tuple[TaskNote, ...] = ()  # the newest first
    feedback: tuple[Comment, ...] = ()  # what people said to the agents and this run is the first to hear
    feedback_before: tuple[Comment, ...] = ()  # what earlier runs heard
    elsewhere: tuple[Comment, ...] = ()  # said in the tracker it came from, the newest first, one more than told

    @property
    def role(self) -> Role:
        return self.who.role


async def read_brief(session: AsyncSession, run: Run, task: Task, stage: Stage) -> Brief:
    project = await session.get_one(Project, task.project_id)
    handoffs = await read_handoffs(session, task.id)
    said = await _SAID.all(session, task=task.id)
    feedback, feedback_before = await to_be_told(session, run, said)
    return Brief(
        project=project,
        task=task,
        run=run,
        stage=stage,
        who=await who_is(session, role_of(stage), project),
        criteria=tuple(await _CRITERIA.all(session, task=task.id)),
        findings=tuple(await open_findings(session, task.id)),
        handoff=handoffs.last,
        comment=next((row for row in said if row.feedback is None), None),
        brought=tuple(await _BROUGHT.all(session, task=task.id)),
        answers=tuple(await settled_questions(session, task.id)),
        before=tuple(await read_session(session, task.id, role_of(stage), without=run.id)),
        older=handoffs.older,
        folds=handoffs.folds,
        notes=await read_notes(session, task.id),
        feedback=feedback,
        feedback_before=feedback_before,
        elsewhere=tuple(await _SAID_ELSEWHERE.all(session, task=task.id)),
    )


async def read_handoffs(session: AsyncSession, task_id: int) -> Handoffs:
    """Without those that failed."""
    rows = await _HANDOFFS.all(session, task=task_id)
    folds = tuple(await _FOLDS.all(session, task=task_id)) if len(rows) > 2 else ()
    return Handoffs(rows[0] if rows else None, tuple(reversed(rows[1:])), folds)


async def read_notes(session: AsyncSession, task_id: int) -> tuple[TaskNote, ...]:
    """The newest first."""
    return tuple(await _NOTES.all(session, task=task_id))


def role_of(stage: Stage) -> str:
    """The role that works at a stage; work of no role's is told to agents as DEV's."""
    return stage.role or "dev"
