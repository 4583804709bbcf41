"""/jobs: start, watch, fetch and cancel steps of runs."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, StreamingResponse

from agent_api.deps import Board
from services.contract.feedback import Feedback, FeedbackTaken
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec
from services.points import Point, reached

router = APIRouter(prefix="/jobs/{run_id}/{step}", tags=["jobs"])


@router.put("", status_code=202, summary="Start the job; the same id twice is the same job")
async def start(run_id: str, step: str, spec: RunSpec, board: Board) -> JobState:
    state = board.start(run_id, step, spec)
    await reached(Point.JOB_ACCEPTED, step)
    return state


@router.get("", summary="How the job stands, with its result once it has ended")
async def state(run_id: str, step: str, board: Board) -> JobState:
    return board.state(run_id, step)


@router.delete("", summary="Cancel the job with all its processes")
async def cancel(run_id: str, step: str, board: Board) -> JobState:
    return await board.cancel(run_id, step)


@router.post("/feedback", status_code=202, summary="Tell the job something: it hears it before its next step, once")
async def tell(run_id: str, step: str, said: Feedback, board: Board) -> FeedbackTaken:
    return board.tell(run_id, step, said)


@router.post("/pause", summary="Make the job stand still: its processes are stopped, its time does not count")
async def pause(run_id: str, step: str, board: Board) -> JobState:
    """`held` says how: `stopped`, or `ending_turn` while a model's answer is awaited, which nothing follows."""
    return await board.pause(run_id, step)


@router.post("/resume", summary="Let the job go on where it stood")
async def resume(run_id: str, step: str, board: Board) -> JobState:
    return board.resume(run_id, step)


@router.get("/events", summary="Its events as JSON lines: replayed after a number, then live until it ends")
async def events(run_id: str, step: str, board: Board, after: Annotated[int, Query(ge=0)] = 0) -> StreamingResponse:
    board.state(run_id, step)  # so that an unknown job is a 404 and not an empty stream
    return StreamingResponse(board.events(run_id, step, after), media_type="application/x-ndjson")


@router.get("/artifacts/{sha256}", summary="The bytes of an artifact that its result names")
async def artifact(run_id: str, step: str, sha256: str, board: Board) -> FileResponse:
    path = board.artifact(run_id, step, sha256)
    headers = {"Content-Disposition": f'attachment; filename="{sha256}"', "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)
