"""An answer while it is made, and how it ends. Whatever happens, none stays `thinking` for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.chat.errors import NotAnswering
from services.chat.say import hold_message
from services.domain.changes import changed
from services.domain.states import MESSAGE, MessageState
from services.events import log
from services.models.usage import usage_of_run
from services.redaction import KNOWN
from services.store.models import ChatMessage
from services.store.types import now

CUT_OFF = "The hub was stopped while it answered."
BY_YOU = "You stopped it."


@dataclass(frozen=True)
class Ended:
    """How an answer ended. `told_by` is model, record or command; `sentence` says what stood in the way."""

    state: MessageState
    text: str
    told_by: str
    sentence: str = ""
    cites: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    model: str | None = None


async def beat(session: AsyncSession, message_id: int, attempt: int, text: str) -> bool:
    """Keeps what came so far; False when the answer was ended by somebody else."""
    mine = (ChatMessage.id == message_id, ChatMessage.attempt == attempt)
    thinking = ChatMessage.state == MessageState.THINKING
    kept = sa.update(ChatMessage).where(*mine, thinking).values(text=KNOWN(text), updated_at=now())
    found: Any = await session.execute(kept)
    return found.rowcount == 1


async def note_call(session: AsyncSession, message_id: int, attempt: int, call_id: str, model: str) -> None:
    """Before a model is asked, so that what it costs is never nobody's."""
    mine = (ChatMessage.id == message_id, ChatMessage.attempt == attempt)
    await session.execute(sa.update(ChatMessage).where(*mine).values(call_id=call_id, model=model))


async def end(session: AsyncSession, message_id: int, attempt: int, ended: Ended, actor: str = "hub") -> bool:
    """Writes the answer down, once: False when this attempt was ended before."""
    row = await hold_message(session, message_id)
    if row.attempt != attempt or row.state != MessageState.THINKING:
        return False
    was, row.state = row.state, MESSAGE.check(MessageState(row.state), ended.state)
    row.text, row.told_by, row.sentence = KNOWN(ended.text), ended.told_by, KNOWN(ended.sentence)
    row.cites, row.model = KNOWN.value(ended.cites), ended.model or row.model
    row.version, row.updated_at = row.version + 1, now()
    await _tell(session, row, was, actor)
    return True


async def stop(session: AsyncSession, message_id: int, actor: str) -> ChatMessage:
    """What was said until then stays. Said twice, it counts once. Raises NotAnswering for one that has ended."""
    row = await hold_message(session, message_id)
    if row.state == MessageState.STOPPED:
        return row
    if row.state not in (MessageState.THINKING, MessageState.ASKS):
        raise NotAnswering("This answer is not being made.", "There is nothing to stop.")
    was, row.state = row.state, MESSAGE.check(MessageState(row.state), MessageState.STOPPED)
    row.sentence = BY_YOU if was == MessageState.THINKING else "You did not want it; nothing was done."
    row.told_by = row.told_by or ("model" if row.text else None)
    row.version, row.updated_at = row.version + 1, now()
    await _tell(session, row, was, actor)
    return row


async def ask_first(session: AsyncSession, message_id: int, text: str, about: dict[str, Any]) -> ChatMessage:
    """A command that waits for the person's yes: `text` says what it would do, `about` what they were shown."""
    row = await session.get_one(ChatMessage, message_id)
    row.text, row.about, row.told_by = KNOWN(text), about, "command"
    await session.flush()
    return row


async def confirm(session: AsyncSession, message_id: int, actor: str) -> ChatMessage:
    """The person's yes, once. Raises NotAnswering for what does not wait for one."""
    row = await hold_message(session, message_id)
    if row.state != MessageState.ASKS:
        raise NotAnswering("This does not wait for your yes.", "Say the command again.")
    was, row.state = row.state, MESSAGE.check(MessageState(row.state), MessageState.THINKING)
    row.version, row.updated_at = row.version + 1, now()
    await _tell(session, row, was, actor)
    return row


async def add_costs(session: AsyncSession, message_id: int, calls: Sequence[str]) -> None:
    """What these calls came to, by the gateway's book, once they are settled."""
    spent = [await usage_of_run(session, call) for call in calls]
    if not any(one.calls for one in spent):
        return
    row = await hold_message(session, message_id)
    before = row.cost
    row.tokens_in += sum(one.tokens_in for one in spent)
    row.tokens_out += sum(one.tokens_out for one in spent)
    row.cost += sum(one.cost for one in spent)
    await log.append(
        session, "chat.paid", actor="hub", project_id=row.project_id, task_id=row.task_id, message_id=row.id,
        **changed(cost=(before, row.cost)),
    )  # fmt: skip


async def lost(session: AsyncSession, after: timedelta) -> Sequence[ChatMessage]:
    """Answers whose maker has not been heard of for so long, as when the hub was killed."""
    mine = (ChatMessage.state == MessageState.THINKING, ChatMessage.updated_at < now() - after)
    return (await session.scalars(sa.select(ChatMessage).where(*mine))).all()


async def _tell(session: AsyncSession, row: ChatMessage, was: str, actor: str) -> None:
    await session.flush()
    await log.append(
        session, f"chat.{row.state}", actor=actor, project_id=row.project_id, task_id=row.task_id, message_id=row.id,
        **changed(state=(was, row.state)),
    )  # fmt: skip
