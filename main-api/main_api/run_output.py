"""A run's output over a WebSocket: what it said so far, then what it says, until it has ended."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from main_api.errors import problem_of
from main_api.hub import HubParts
from main_api.one_way import tell
from services.domain.errors import NotFound
from services.domain.states import LIVE_RUN, RunState
from services.store.models import Run

LOOK_SECONDS = 0.15  # how soon a new line is seen

router = APIRouter()
StepId = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


@router.websocket("/ws/runs/{run_id}/output")
async def follow_output(
    websocket: WebSocket, run_id: str, step: StepId = None, after: Annotated[int, Query(ge=0)] = 0
) -> None:
    """Each frame is a line as in `GET /runs/{id}/output`, and names its `step`.

    From the first step on; or, with `step`, from that one on, after its line `after`. Closes with 1000 when the run has
    ended and all was sent.
    """
    hub: HubParts = websocket.app.state.hub
    if await _run(hub, run_id) is None:
        await websocket.send_denial_response(problem_of(NotFound(f"There is no run with id {run_id}.")))
        return
    await tell(websocket, _send(websocket, hub, run_id, step, after))


async def _send(websocket: WebSocket, hub: HubParts, run_id: str, step: str | None, after: int) -> None:
    """`send_json` waits while the reader's socket is full: a slow reader holds one piece of a file and no more."""
    position, looked_at = step or "", -1
    offset = await asyncio.to_thread(hub.output.offset_of, run_id, position, after) if position else 0
    live = True
    while True:
        if live and hub.follower.latest != looked_at:  # something was committed: the run may have ended
            looked_at = hub.follower.latest
            live = await _is_live(hub, run_id)
        steps = await asyncio.to_thread(hub.output.steps, run_id)
        if not position and steps:
            position = steps[0]
        events, reached = await asyncio.to_thread(hub.output.read_on, run_id, position, offset)
        for event in events:
            if position != step or int(event["seq"]) > after:
                await websocket.send_json({**event, "step": position})
        if reached > offset:
            offset = reached
            continue
        later = steps[steps.index(position) + 1 :] if position in steps else []
        if later:
            position, offset = later[0], 0
            continue
        if not live:
            await websocket.close(1000)
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _is_live(hub: HubParts, run_id: str) -> bool:
    run = await _run(hub, run_id)
    return run is not None and RunState(run.state) in LIVE_RUN


async def _run(hub: HubParts, run_id: str) -> Run | None:
    async with hub.db.read() as session:
        return await session.get(Run, run_id)
