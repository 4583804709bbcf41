"""An answer over a WebSocket while it is made."""

import asyncio

from fastapi import APIRouter, WebSocket

from main_api.errors import problem_of
from main_api.hub import HubParts
from main_api.one_way import tell
from main_api.schemas.shape import Id
from services.domain.errors import NotFound
from services.domain.states import MessageState
from services.guide.account import LONGEST
from services.store.models import ChatMessage

ELSEWHERE_SECONDS = 0.5  # how often one that another main-api makes is looked at
CALM_SECONDS = 0.06  # between two frames

router = APIRouter()


@router.websocket("/ws/chat/messages/{message_id}")
async def follow_answer(websocket: WebSocket, message_id: Id) -> None:
    """Each frame is `{"id", "state", "text"}`, with all that came so far. Closes with 1000 when it has ended."""
    hub: HubParts = websocket.app.state.hub
    if await _row(hub, message_id) is None:
        await websocket.send_denial_response(problem_of(NotFound(f"There is no message with id {message_id}.")))
        return
    await tell(websocket, _send(websocket, hub, message_id))


async def _send(websocket: WebSocket, hub: HubParts, message_id: int) -> None:
    """`send_json` waits while the reader's socket is full, and then sends the newest: a slow reader skips frames."""
    sent: str | None = None
    while True:
        mine = hub.guide.under_way.get(message_id)
        if mine is not None:
            if mine.text != sent:
                sent = mine.text
                frame = {"id": message_id, "state": MessageState.THINKING.value, "text": sent[:LONGEST]}
                await websocket.send_json(frame)
            await asyncio.sleep(CALM_SECONDS)
            await mine.changed(ELSEWHERE_SECONDS)
            continue
        row = await _row(hub, message_id)
        if row is None or row.state != MessageState.THINKING:
            state, text = (row.state, row.text) if row is not None else (MessageState.FAILED.value, "")
            await websocket.send_json({"id": message_id, "state": state, "text": text})
            await websocket.close(1000)
            return
        if row.text != sent:
            sent = row.text
            await websocket.send_json({"id": message_id, "state": row.state, "text": sent})
        await asyncio.sleep(ELSEWHERE_SECONDS)


async def _row(hub: HubParts, message_id: int) -> ChatMessage | None:
    async with hub.db.read() as session:
        return await session.get(ChatMessage, message_id)
