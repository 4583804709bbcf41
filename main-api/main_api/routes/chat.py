"""Chats over HTTP: what was said in a thread, a question, a command, and the word to stop."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query

from main_api.chat.carry_out import carry_out, say_command
from main_api.chat.commands import COMMANDS, is_command
from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one
from main_api.reads.threads import read_threads
from main_api.schemas.chat import CommandOut, MessageOut, QuestionPatch, SaidOut, SayIn, ThreadOut
from main_api.schemas.shape import Id
from services.chat import answer as answers
from services.chat import say
from services.projects.edit import get_project
from services.store.models import ChatMessage

router = APIRouter(prefix="/chat", tags=["chat"])
MessagePage = Annotated[Paging, Depends(sorted_by("id", first="-id", limit=50))]
Last = Annotated[Id | None, Query(description="`last` of the page before")]


@router.get("/threads", summary="List the threads, the newest first", responses=documented(404))
async def list_threads(
    session: ReadSession,
    project_id: Id | None = None,
    before: Last = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ThreadOut]:
    """Those in which something was said."""
    if project_id is not None:
        await get_project(session, project_id)
    return await read_threads(session, project_id, before, limit)


@router.get(
    "/messages", summary="What was said in a thread, the newest first", responses=listed(404),
    response_model=list[MessageOut],
)  # fmt: skip
async def list_messages(
    session: ReadSession, paging: MessagePage, project_id: Id, task_id: Id | None = None
) -> Sequence[ChatMessage]:
    """Of a task, or without `task_id` of the project's own thread, where its requests stand too."""
    await say.check_place(session, say.Place(project_id, task_id))
    here = (ChatMessage.project_id == project_id, ChatMessage.task_id == task_id)
    return await page(session, sa.select(ChatMessage).where(*here), paging)


@router.get("/commands", summary="What may be said with a slash", responses=documented())
async def list_commands() -> list[CommandOut]:
    return [
        CommandOut(name=one.name, usage=one.usage, does=one.does, asks_first=one.warn is not None)
        for one in COMMANDS.values()
    ]


@router.post("/messages", status_code=201, summary="Ask something, or give a command", responses=documented(400, 404))
async def post_message(hub: Hub, body: SayIn) -> SaidOut:
    """A question is answered in the background from the record, with links: follow `WS /ws/chat/messages/{id}` of the
    answer. A command is carried out before this answers; one that is not lightly taken back asks first."""
    place = say.Place(body.project_id, body.task_id)
    if is_command(body.text):
        return _both(await say_command(hub, place, body.text))
    async with hub.db.write() as session:
        asked = await say.say(session, place, "question", body.text, OWNER, hub.settings.chat_max_characters)
    hub.guide.begin(asked.answer)
    return _both(asked)


@router.get("/messages/{message_id}", summary="One message", responses=documented(404), response_model=MessageOut)
async def read_message(session: ReadSession, message_id: Id) -> ChatMessage:
    return await one(session, ChatMessage, message_id, "message")


@router.patch("/messages/{message_id}", summary="Ask a question in other words", responses=documented(400, 404, 409))
async def patch_message(hub: Hub, message_id: Id, body: QuestionPatch) -> SaidOut:
    """It is answered anew; the answer before it is gone."""
    async with hub.db.write() as session:
        asked = await say.edit(session, message_id, body.version, body.text, OWNER, hub.settings.chat_max_characters)
    hub.guide.begin(asked.answer)
    return _both(asked)


@router.post(
    "/messages/{message_id}/retry", summary="Have a question answered anew", responses=documented(404, 409),
    response_model=MessageOut,
)  # fmt: skip
async def retry_answer(hub: Hub, message_id: Id) -> ChatMessage:
    """`message_id` is the answer's."""
    async with hub.db.write() as session:
        row = await say.ask_again(session, message_id, OWNER)
    hub.guide.begin(row)
    return row


@router.post(
    "/messages/{message_id}/stop", summary="Stop an answer, or leave a command", responses=documented(404, 409),
    response_model=MessageOut,
)  # fmt: skip
async def stop_answer(hub: Hub, message_id: Id) -> ChatMessage:
    """Of an answer the model is cut off, and what it said stays. A command that asks first is not carried out. Said
    twice, it counts once."""
    return await hub.guide.halt(message_id, OWNER)


@router.post(
    "/messages/{message_id}/confirm", summary="Let a command that asked be carried out",
    responses=documented(404, 409), response_model=MessageOut,
)  # fmt: skip
async def confirm_command(hub: Hub, message_id: Id) -> ChatMessage:
    """`message_id` is the answer's that asks. It does what it said, or nothing: what has changed since is refused."""
    async with hub.db.write() as session:
        row = await answers.confirm(session, message_id, OWNER)
        text = (await session.get_one(ChatMessage, row.reply_to_id)).text
    return await carry_out(hub, row, text)


def _both(asked: say.Asked) -> SaidOut:
    return SaidOut(said=MessageOut.model_validate(asked.said), answer=MessageOut.model_validate(asked.answer))
