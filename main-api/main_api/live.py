"""Events over a WebSocket: replay, then follow; and between them what running runs do now, in words."""

from fastapi import APIRouter, WebSocket

from main_api.activity import Said
from main_api.hub import HubParts
from main_api.one_way import tell
from main_api.schemas.event import EventOut
from services.store.types import now

PING_SECONDS = 20.0

router = APIRouter()


@router.websocket("/ws/events")
async def follow_events(websocket: WebSocket, after: int | None = None, project_id: int | None = None) -> None:
    """Each frame is an event. `hub.caught_up` says that the replay is over, `hub.ping` that the line is alive.

    `run.activity` (run_id, task_id, sentence) is no stored event: its seq is that of the last one.
    """
    hub: HubParts = websocket.app.state.hub
    await tell(websocket, _send(websocket, hub, after, project_id))


async def _send(websocket: WebSocket, hub: HubParts, after: int | None, project_id: int | None) -> None:
    """`send_text` waits while the reader's socket is full, so a slow reader holds one batch and no more."""
    follower, teller = hub.follower, hub.teller
    position = await follower.start_at(after)
    told_caught_up, told = False, 0
    with teller.listening():
        while True:
            lines, reached = await follower.batch(position, project_id)
            for line in lines:
                await websocket.send_text(line.text)
            if reached > position:
                position = reached
                continue
            if not told_caught_up:
                await websocket.send_text(_notice("hub.caught_up", position))
                told_caught_up = True
            before, told = told, teller.number
            for said in [s for s in teller.said.values() if s.number > before and project_id in (None, s.project_id)]:
                await websocket.send_text(_activity(said, position))
            await follower.wait(position, PING_SECONDS, lambda: teller.number > told)  # noqa: B023 - awaited here
            if follower.latest <= position and teller.number <= told:
                await websocket.send_text(_notice("hub.ping", position))


def _activity(said: Said, seq: int) -> str:
    data = {"run_id": said.run_id, "task_id": said.task_id, "sentence": said.sentence}
    return EventOut(
        seq=seq, at=now(), actor="hub", kind="run.activity", project_id=said.project_id, task_id=said.task_id,
        run_id=said.run_id, data=data,
    ).model_dump_json()  # fmt: skip


def _notice(kind: str, seq: int) -> str:
    return EventOut(seq=seq, at=now(), actor="hub", kind=kind).model_dump_json()
