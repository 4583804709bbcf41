"""Carries a command out and keeps what came of it; whatever happens, its answer ends."""

import structlog
from pydantic import ValidationError

from main_api.chat.commands import read_command
from main_api.chat.words import Heard, Said
from main_api.deps import OWNER
from main_api.hub import HubParts
from services.chat import answer as answers
from services.chat.answer import Ended
from services.chat.say import Asked, Place, say
from services.domain.errors import HubError
from services.domain.states import MessageState
from services.store.models import ChatMessage

log = structlog.get_logger(__name__)
TOLD_BY = "command"


async def say_command(hub: HubParts, place: Place, text: str) -> Asked:
    """Does it, or asks first. What can't be read is refused before it is kept: CommandUnknown, CommandIncomplete."""
    command, heard = read_command(text, place)
    asks = await command.warn(hub, heard) if command.warn is not None else None
    state = MessageState.ASKS if asks is not None else MessageState.THINKING
    async with hub.db.write() as session:
        asked = await say(session, place, "command", text, OWNER, hub.settings.chat_max_characters, state)
        if asks is not None:
            await answers.ask_first(session, asked.answer.id, *asks)
    if asks is not None:
        return asked
    return Asked(asked.said, await carry_out(hub, asked.answer, text))


async def carry_out(hub: HubParts, answer: ChatMessage, text: str) -> ChatMessage:
    """The answer as it is then."""
    ended = await _done(hub, Place(answer.project_id, answer.task_id), text, answer)
    async with hub.db.write() as session:
        await answers.end(session, answer.id, answer.attempt, ended)
        return await session.get_one(ChatMessage, answer.id)


async def _done(hub: HubParts, place: Place, text: str, answer: ChatMessage) -> Ended:
    try:
        command, heard = read_command(text, place)
        said: Said = await command.act(hub, Heard(heard.place, heard.rest, answer.about or {}))
    except HubError as refused:
        return Ended(MessageState.FAILED, "", TOLD_BY, str(refused))
    except ValidationError as wrong:
        faults = "; ".join(str(fault["msg"]) for fault in wrong.errors())
        return Ended(MessageState.FAILED, "", TOLD_BY, f"It can't be done so: {faults}.")
    except Exception as error:
        log.error("chat.command_broke", message=answer.id, exc_info=error)
        return Ended(MessageState.FAILED, "", TOLD_BY, "The hub failed on this command; its log has it.")
    return Ended(MessageState.DONE, said.text, TOLD_BY, cites=[fact.cite for fact in said.facts])
