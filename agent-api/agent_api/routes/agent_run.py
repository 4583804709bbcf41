"""/api/agent/run: a model with the workspace tools, told step by step."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response

from agent_api.agent_runs.asked import STEP, AgentRunBody, run_id_of
from agent_api.agent_runs.telling import Form, Paid, RunTelling
from agent_api.chosen import allowed_model
from agent_api.deps import Board, Settings, workspace_folder
from agent_api.direct import Direct, has_to_begin
from agent_api.routes.vision import Seeing, enriched
from services.contract.run_result import JobState
from services.contract.run_spec import RunSpec
from services.redaction import KNOWN

router = APIRouter(prefix="/api/agent/run", tags=["agent"])
Accept = Annotated[str, Header()]
SLACK_SECONDS = 120  # a run's own time ends before its token does
_LINE = {"seq": 3, "at": "2026-01-31T12:00:00Z", "kind": "tool_call", "text": "read {...}", "data": {"tool": "read"}}
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A RunEvent a line (NDJSON; server-sent events where `Accept` asks for them), and last a line "
        "of the kind `result`. With `stream: false` that last line alone.",
        "content": {"application/x-ndjson": {"example": _LINE}, "text/event-stream": {}},
    }
}


@router.post("", response_class=Response, responses=_TOLD, summary="Let a model work with tools, and watch each step")
async def run(
    body: AgentRunBody, request: Request, board: Board, settings: Settings, direct: Direct, eyes: Seeing,
    accept: Accept = "application/x-ndjson",
) -> Response:  # fmt: skip
    """When the caller goes away the run is interrupted, unless `detached`; the same id and body go on with it: what
    the model answered and the tools did is not asked or done again."""
    workspace = workspace_folder(settings, body.workspace)
    if body.include_images:
        seen = await enriched(request, settings, direct, eyes, workspace, body.prompt, body.vision_model)
        body = body.model_copy(update={"prompt": seen.text})
    paid: Paid | None = None
    job, same = (body.run_id, STEP), partial(_asks_the_same, body=body)
    if begins := has_to_begin(board, job, str(workspace), body.id, same):
        model = allowed_model(settings, body.model)
        seconds = body.bounds(settings).run_seconds + SLACK_SECONDS
        call = await direct.open(body.run_id, workspace=workspace, model=model, seconds=seconds)
        board.start(body.run_id, STEP, body.spec(workspace, settings, call))
        paid = partial(direct.usage, call.id)
    form: Form = "one" if not body.stream else _form(accept)
    return RunTelling(board, body.run_id, STEP, body.id, form, leash=begins and not body.detached, paid=paid)


@router.get("/{name}", summary="How a run stands, with its result once it has ended")
async def read_run(name: str, board: Board) -> JobState:
    return board.state(run_id_of(name), STEP)


@router.get("/{name}/events", response_class=Response, responses=_TOLD, summary="A run's steps, from a number on")
async def follow(
    name: str, board: Board, after: Annotated[int, Query(ge=0)] = 0, accept: Accept = "application/x-ndjson"
) -> Response:
    """Replayed, then live. Who only watches may come and go."""
    board.state(run_id_of(name), STEP)
    return RunTelling(board, run_id_of(name), STEP, name, _form(accept), after=after)


@router.delete("/{name}", summary="Cancel a run with all its processes")
async def cancel(name: str, board: Board) -> JobState:
    return await board.cancel(run_id_of(name), STEP)


def _asks_the_same(before: RunSpec, body: AgentRunBody) -> bool:
    return before.settings.model_dump_json() == KNOWN(body.tools_settings().model_dump_json())  # as it is kept


def _form(accept: str) -> Form:
    return "events" if "text/event-stream" in accept else "lines"
