"""/api/aider/execute: Aider edits a workspace."""

import asyncio
from pathlib import Path

import structlog
from fastapi import APIRouter, Request

from agent_api.aider_runs.answered import AiderAnswer, answer_of
from agent_api.aider_runs.asked import STEP, AiderBody
from agent_api.chosen import allowed_model
from agent_api.deps import Board, Settings, workspace_folder
from agent_api.direct import Direct, DirectCalls, has_to_begin
from agent_api.errors import ArtifactNotFound, MainApiAway, MainApiRefused, StepLost
from agent_api.jobs import JobBoard
from agent_api.listening import until_gone
from services.contract.direct_call import DirectUsage
from services.contract.run_result import JobState
from services.contract.run_spec import AiderSettings, RunSpec
from services.redaction import KNOWN

router = APIRouter(prefix="/api/aider", tags=["aider"])
log = structlog.get_logger(__name__)
SLACK_SECONDS = 120  # the work's own time ends before its token does


@router.post("/execute", summary="Let Aider edit a workspace: the diff, what it said, and what it cost")
async def execute(body: AiderBody, request: Request, board: Board, settings: Settings, direct: Direct) -> AiderAnswer:
    """Answers when it is over, 200 however the edit ended: read `success`. When the caller goes away before, the edit
    is ended and taken back, unless `detached`."""
    workspace = workspace_folder(settings, body.workspace)
    limits = body.limits(settings)
    model = allowed_model(settings, body.model)
    call = await direct.open(body.run_id, workspace=workspace, model=model, seconds=limits.run_seconds + SLACK_SECONDS)
    spec = await asyncio.to_thread(body.spec, workspace, settings, call)
    if has_to_begin(board, (body.run_id, STEP), spec.worktree, body.id, lambda before: _asks_the_same(before, spec)):
        board.start(body.run_id, STEP, spec)
    state = await _ended(board, body, request)
    if state.result is None:
        raise StepLost("interrupted", "The edit was interrupted.", "Send the same id again: it is done again.")
    usage = await _paid(direct, call.id)
    return await asyncio.to_thread(answer_of, body.id, spec, state, _diff_of(board, state), usage)


async def _ended(board: JobBoard, body: AiderBody, request: Request) -> JobState:
    work = asyncio.create_task(_follow(board, body.run_id))
    watch = asyncio.create_task(until_gone(request.receive))
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done() and not body.detached:
            await board.interrupt(body.run_id, STEP)
    finally:
        for task in (work, watch):
            task.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)
    return board.state(body.run_id, STEP)


async def _follow(board: JobBoard, run_id: str) -> None:
    async for _ in board.events(run_id, STEP, 0):
        pass  # only its end counts


async def _paid(direct: DirectCalls, call_id: str) -> DirectUsage | None:
    try:
        return await direct.usage(call_id)
    except (MainApiAway, MainApiRefused) as error:
        log.warning("aider.cost_unknown", call=call_id, error=str(error))
        return None


def _asks_the_same(before: RunSpec, now: RunSpec) -> bool:
    """The guides beside it and the project's test command may have changed since: the work is the same."""
    asked, asks = before.settings, now.settings
    if not isinstance(asked, AiderSettings) or not isinstance(asks, AiderSettings):
        return False
    return (asked.message, asked.files) == (KNOWN(asks.message), asks.files)


def _diff_of(board: JobBoard, state: JobState) -> Path | None:
    assert state.result is not None
    for artifact in state.result.artifacts:
        if artifact.kind == "code_diff":
            try:
                return board.artifact(state.run_id, state.step, artifact.sha256)
            except ArtifactNotFound:
                return None  # swept meanwhile
    return None
