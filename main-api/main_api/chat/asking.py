"""What the guide is asked, and what it may know: read in one go, before any model is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.record import project_facts, task_facts
from main_api.settings import MainSettings
from services.domain.states import MessageState
from services.guide.facts import Fact, numbered
from services.guide.topics import ranked
from services.models.policy import names_in
from services.prompts.guide_prompt import Asking
from services.prompts.who import who_is
from services.roles.model import policy_for
from services.store.models import ChatMessage, Project, Task

ROLE = "guide"
BEFORE, CHARACTERS = 6, 600  # messages of the thread that are told, and of each
TASKS_NAMED = 3
_KEY = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*-\d{1,9}\b")


@dataclass(frozen=True)
class Prepared:
    """`models` are the role's, in their order, by full name."""

    asking: Asking
    models: tuple[str, ...]


async def prepare(session: AsyncSession, settings: MainSettings, answer: ChatMessage) -> Prepared:
    """Of the question that this is the answer to."""
    question = await session.get_one(ChatMessage, answer.reply_to_id)
    project = await session.get_one(Project, question.project_id)
    task = await session.get(Task, question.task_id) if question.task_id is not None else None
    facts = await _facts(session, settings, project, task, question.text)
    who = await who_is(session, ROLE, project)
    policy = policy_for(project, who.role, settings.default_model)
    asking = Asking(
        question=question.text, project=project, task=task, who=who, facts=numbered(ranked(facts, question.text)),
        before=await _before(session, question),
    )  # fmt: skip
    return Prepared(asking, tuple(names_in(policy)))


async def _facts(
    session: AsyncSession, settings: MainSettings, project: Project, task: Task | None, question: str
) -> list[Fact]:
    """Of the task; of a project those of the tasks, too, that the question names."""
    if task is not None:
        return await task_facts(session, task)
    keys = {key.upper() for key in _KEY.findall(question)}
    there = (Task.project_id == project.id, Task.deleted_at.is_(None), Task.key.in_(keys))
    named: Sequence[Task] = (
        (await session.scalars(sa.select(Task).where(*there).limit(TASKS_NAMED))).all() if keys else []
    )
    facts = [fact for one in named for fact in await task_facts(session, one)]
    return facts + await project_facts(session, project, settings.budgets)


async def _before(session: AsyncSession, question: ChatMessage) -> list[str]:
    """What was asked and answered in the thread, the oldest first."""
    here = (
        ChatMessage.project_id == question.project_id,
        ChatMessage.task_id == question.task_id,
        ChatMessage.id < question.id,
        ChatMessage.kind.in_(("question", "answer")),
        ChatMessage.state == MessageState.DONE,
        sa.func.coalesce(ChatMessage.told_by, "") != "command",
    )
    query = sa.select(ChatMessage).where(*here).order_by(ChatMessage.id.desc()).limit(BEFORE)
    rows = (await session.scalars(query)).all()
    return [f"{'Person' if row.kind == 'question' else 'Guide'}: {row.text[:CHARACTERS]}" for row in reversed(rows)]
