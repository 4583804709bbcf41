"""A person's word on one thing that waits, whatever it is: the same decisions as its own route carries out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.deploys import decide as deploys
from services.domain.errors import AlreadyDecided, Conflict, InvalidInput
from services.domain.states import PlanState, TaskState
from services.events import log
from services.inbox.money import raise_budget
from services.inbox.names import Name, moment
from services.models.budgets import Defaults
from services.plans import decide as plans
from services.plans.check import DEFAULT, PlanLimits
from services.projects.edit import get_project
from services.pushes.queue import push_again
from services.questions.answer import answer
from services.requests.decide import ask_again, drop
from services.reviews import decide as reviews
from services.store.models import Event, Push, Task
from services.tasks.change import Change
from services.tasks.closing import cancel_task
from services.tasks.control import trigger
from services.tasks.funds import NONE
from services.tasks.hold import hold_task


@dataclass(frozen=True)
class Word:
    """What a person says of an item. `patch_id` and `version` are what they looked at, `change` what an approval would
    be about where a task is run; `budgets` and `plan_limits` are the hub's own."""

    name: Name
    decision: str
    note: str = ""
    answer: str = ""
    limit_usd: float | None = None
    patch_id: str | None = None
    version: int | None = None
    change: Change | None = None
    budgets: Defaults = NONE
    plan_limits: PlanLimits = DEFAULT


async def decide(session: AsyncSession, word: Word, actor: str) -> str:
    """Carries it out in the caller's transaction; answers how what it was about stands then.

    Raises InvalidInput for a word that the kind does not take, AlreadyDecided where somebody was quicker, ChangeMoved
    and Conflict where it is another thing by now, and what the decision itself raises.
    """
    carry_out = WORDS.get((word.name.kind, word.decision))
    if carry_out is None:
        takes = ", ".join(decisions_of(word.name.kind)) or "none"
        raise InvalidInput(f"A {word.name.kind} takes no {word.decision!r}.", f"It takes: {takes}.")
    return await carry_out(session, word, actor)


def decisions_of(kind: str) -> tuple[str, ...]:
    return tuple(decision for of, decision in WORDS if of == kind)


async def _approve(session: AsyncSession, word: Word, actor: str) -> str:
    return (await reviews.approve(session, word.name.number, actor, word.note, word.patch_id)).state


async def _reject(session: AsyncSession, word: Word, actor: str) -> str:
    return (await reviews.reject(session, word.name.number, actor, word.note, word.patch_id)).state


async def _change(session: AsyncSession, word: Word, actor: str) -> str:
    return (await reviews.ask_changes(session, word.name.number, actor, word.note, word.patch_id)).state


async def _approve_plan(session: AsyncSession, word: Word, actor: str) -> str:
    return (await plans.approve(session, word.name.number, actor, word.version, word.plan_limits)).state


async def _reject_plan(session: AsyncSession, word: Word, actor: str) -> str:
    await _same_plan(session, word)
    return (await plans.reject(session, word.name.number, actor, word.note)).state


async def _change_plan(session: AsyncSession, word: Word, actor: str) -> str:
    if not word.note.strip():
        raise InvalidInput("Asking for changes needs a note.", "Say what shall be different.")
    await _same_plan(session, word)
    return (await plans.ask_changes(session, word.name.number, actor, word.note)).state


async def _same_plan(session: AsyncSession, word: Word) -> None:
    plan = await plans.hold_plan(session, word.name.number)
    if plan.state == PlanState.WAITING and word.version is not None and plan.version != word.version:
        raise Conflict("The plan was changed since you read it.", "Read it again, then decide.", version=plan.version)


async def _answer(session: AsyncSession, word: Word, actor: str) -> str:
    return (await answer(session, word.name.number, word.answer or word.note, actor)).state


async def _run(session: AsyncSession, word: Word, actor: str) -> str:
    task = await _still_waits(session, word)
    await trigger(session, task.id, actor, change=word.change)
    return task.state


async def _cancel(session: AsyncSession, word: Word, actor: str) -> str:
    task = await _still_waits(session, word)
    return (await cancel_task(session, task.id, actor=actor, note=word.note)).state


async def _still_waits(session: AsyncSession, word: Word) -> Task:
    """For the same as when the person looked: else they are told who was quicker."""
    task = await hold_task(session, word.name.number)
    if task.state == TaskState.WAITING and word.name.at in ("", moment(task.waiting_since)):
        return task
    after = sa.select(Event).where(Event.task_id == task.id, Event.kind == f"task.{task.state}")
    last = await session.scalar(after.order_by(Event.seq.desc()).limit(1))
    by, at = (last.actor, last.at) if last is not None else (None, None)
    raise AlreadyDecided.of(task.key, task.state, by, at)


async def _retry(session: AsyncSession, word: Word, actor: str) -> str:
    return (await ask_again(session, word.name.number, actor)).state


async def _close(session: AsyncSession, word: Word, actor: str) -> str:
    return (await drop(session, word.name.number, actor)).state


async def _push(session: AsyncSession, word: Word, actor: str) -> str:
    await log.lock(session)
    row = await session.get(Push, word.name.number)
    if row is None or row.state == "pushed":
        raise Conflict("There is nothing left of this to push.", "Look at GET /projects/{id}/pushes.")
    return (await push_again(session, await get_project(session, row.project_id), actor=actor, like=row)).state


async def _raise(session: AsyncSession, word: Word, actor: str) -> str:
    return await raise_budget(session, word.name, word.limit_usd, actor, word.budgets)


async def _deploy(session: AsyncSession, word: Word, actor: str) -> str:
    decision = cast("deploys.Decision", word.decision)
    return (await deploys.decide(session, word.name.number, decision, actor=actor, note=word.note)).state


WORDS: dict[tuple[str, str], Callable[[AsyncSession, Word, str], Awaitable[str]]] = {
    ("approval", "approve"): _approve,
    ("approval", "request_changes"): _change,
    ("approval", "reject"): _reject,
    ("plan", "approve"): _approve_plan,
    ("plan", "request_changes"): _change_plan,
    ("plan", "reject"): _reject_plan,
    ("question", "answer"): _answer,
    ("task", "run"): _run,
    ("task", "cancel"): _cancel,
    ("request", "retry"): _retry,
    ("request", "close"): _close,
    ("push", "push"): _push,
    ("deploy", "again"): _deploy,
    ("deploy", "send_back"): _deploy,
    ("deploy", "accept"): _deploy,
    ("budget", "raise"): _raise,
}
