"""Keep what a person says in a chat: a question, a command, a request."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed, made
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.domain.states import MESSAGE, MessageState
from services.events import log
from services.projects.edit import get_project
from services.store.models import ChatMessage, Request, Task
from services.store.types import now
from services.store.versions import as_json

LONGEST = 4_000  # characters of a question or a command


@dataclass(frozen=True)
class Place:
    """A thread: of a project, or of one of its tasks."""

    project_id: int
    task_id: int | None = None


@dataclass(frozen=True)
class Asked:
    """What a person said, and the answer that is to be made."""

    said: ChatMessage
    answer: ChatMessage


async def check_place(session: AsyncSession, place: Place) -> None:
    """Raises NotFound, and InvalidInput for a task of another project."""
    await get_project(session, place.project_id)
    if place.task_id is None:
        return
    task = await session.get(Task, place.task_id)
    if task is None or task.deleted_at is not None:
        raise NotFound(f"There is no task with id {place.task_id}.", "List them with GET /tasks.")
    if task.project_id != place.project_id:
        raise InvalidInput(
            f"{task.key} is no task of project {place.project_id}.", "Name its own project, or leave the task out."
        )


async def say(
    session: AsyncSession, place: Place, kind: str, text: str, actor: str, longest: int = LONGEST,
    state: MessageState = MessageState.THINKING,
) -> Asked:  # fmt: skip
    """A question or a command with its answer, which is in `state`. Raises InvalidInput for empty and long texts."""
    text = _checked(text, longest)
    await check_place(session, place)
    said = ChatMessage(
        project_id=place.project_id, task_id=place.task_id, author=actor, kind=kind, text=text, state=MessageState.DONE
    )
    session.add(said)
    await session.flush()
    answer = ChatMessage(
        project_id=place.project_id, task_id=place.task_id, author="hub", kind="answer", state=state,
        reply_to_id=said.id,
    )  # fmt: skip
    session.add(answer)
    await session.flush()
    await log.append(
        session, "chat.said", actor=actor, project_id=place.project_id, task_id=place.task_id, message_id=said.id,
        **made(kind=kind, text=text),
    )  # fmt: skip
    return Asked(said, answer)


async def note_request(session: AsyncSession, request: Request, actor: str) -> None:
    """A request stands in its project's thread, wherever it was made. Its own event tells of it."""
    session.add(
        ChatMessage(
            project_id=request.project_id,
            author=actor,
            kind="request",
            text=request.text,
            state=MessageState.DONE,
            request_id=request.id,
        )
    )
    await session.flush()


async def edit(
    session: AsyncSession, message_id: int, version: int, text: str, actor: str, longest: int = LONGEST
) -> Asked:
    """A question in other words, which is answered anew. Raises Conflict for what is no question, and for a version
    that was read before somebody else changed it."""
    said = await hold_message(session, message_id)
    if said.kind != "question":
        raise Conflict(f"This is a {said.kind}, and was carried out as it stands.", "Say it again in other words.")
    if said.version != version:
        raise Conflict("The question was changed since you read it.", "Read it again.", current=as_json(said))
    answer = await _answer_to(session, said.id)
    if answer.state == MessageState.THINKING:
        raise Conflict("Its answer is being made.", "Stop that first.")
    before, said.text = said.text, _checked(text, longest)
    said.version, said.edited_at, said.updated_at = said.version + 1, now(), now()
    _begin_anew(answer)
    await log.append(
        session, "chat.edited", actor=actor, project_id=said.project_id, task_id=said.task_id, message_id=said.id,
        **changed(text=(before, said.text)),
    )  # fmt: skip
    await session.flush()
    return Asked(said, answer)


async def ask_again(session: AsyncSession, message_id: int, actor: str) -> ChatMessage:
    """The answer to a question is made anew. Raises Conflict while it is being made, and for a command's."""
    answer = await hold_message(session, message_id)
    if answer.kind != "answer" or answer.told_by == "command":
        raise Conflict("Only the answer to a question is made anew.", "Say the command again.")
    was = answer.state
    if was == MessageState.THINKING:
        raise Conflict("It is being made already.", "Wait for it, or stop it.")
    _begin_anew(answer)
    await log.append(
        session, "chat.asked_again", actor=actor, project_id=answer.project_id, task_id=answer.task_id,
        message_id=answer.id, **changed(state=(was, answer.state), attempt=(answer.attempt - 1, answer.attempt)),
    )  # fmt: skip
    await session.flush()
    return answer


async def hold_message(session: AsyncSession, message_id: int) -> ChatMessage:
    """The message, which nobody else changes before this transaction ends. Raises NotFound."""
    await log.lock(session)
    message = await session.get(ChatMessage, message_id)
    if message is None:
        raise NotFound(f"There is no message with id {message_id}.", "List them with GET /chat/messages.")
    await session.refresh(message, with_for_update=True)
    return message


async def _answer_to(session: AsyncSession, message_id: int) -> ChatMessage:
    answer = await session.scalar(sa.select(ChatMessage).where(ChatMessage.reply_to_id == message_id))
    if answer is None:
        raise NotFound("This question has no answer that could be made anew.", "Ask it again.")
    return answer


def _begin_anew(answer: ChatMessage) -> None:
    answer.state = MESSAGE.check(MessageState(answer.state), MessageState.THINKING)
    answer.text, answer.sentence, answer.cites, answer.told_by = "", "", [], None
    answer.attempt, answer.version, answer.updated_at = answer.attempt + 1, answer.version + 1, now()


def _checked(text: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("There are no words to say.", "Write a question, a request, or /help.")
    if len(text) > longest:
        raise InvalidInput(
            f"This has {len(text)} characters; {longest} is the most of a question.",
            "Shorten it. What is to be built may be longer: make it a request.",
        )
    return text
