"""The one table from an error's code to its HTTP status, and the problem+json body that carries both."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError, ValidationException, WebSocketRequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from main_api.denial import of_either
from main_api.refusals import DatabaseBusy, DatabaseFailed
from services.domain.errors import HubError
from services.logs.request_id import HEADER
from services.redaction import KNOWN

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
DEFAULT_STATUS = 400
UNREAD = "There was an error parsing the body"  # the framework's words

STATUS: dict[str, int] = {
    "unauthorized": 401,
    "link_expired": 401,
    "run_token_invalid": 401,
    "budget_exceeded": 402,
    "run_not_active": 403,
    "origin_refused": 403,
    "repository_forbidden": 403,
    "notice_refused": 400,
    "command_unknown": 400,
    "command_incomplete": 400,
    "not_answering": 409,
    "not_found": 404,
    "revision_missing": 404,
    "model_missing": 404,
    "thumbnail_refused": 404,
    "conflict": 409,
    "provider_in_use": 409,
    "change_stood_on": 409,
    "already_decided": 409,
    "change_moved": 409,
    "model_busy": 409,
    "model_in_use": 409,
    "notes_full": 409,
    "illegal_move": 409,
    "workspace_dirty": 409,
    "workspace_bare": 409,
    "workspace_detached": 409,
    "workspace_uncommitted": 409,
    "workspace_missing": 409,
    "workspace_partial": 409,
    "workspace_is_file": 409,
    "workspace_inside_repository": 409,
    "worktree_dirty": 409,
    "merge_conflict": 409,
    "merge_waits": 409,
    "branch_not_merged": 409,
    "project_busy": 409,
    "project_archived": 409,
    "workspace_other": 409,
    "clones_busy": 409,
    "clone_failed": 502,
    "tracker_in_use": 409,
    "tracker_unavailable": 409,
    "tracker_sign_in": 400,
    "tracker_forbidden": 403,
    "tracker_not_found": 404,
    "tracker_busy": 503,
    "tracker_unreachable": 502,
    "tracker_failed": 502,
    "task_busy": 409,
    "feedback_heard": 409,
    "not_merged": 409,
    "nothing_to_merge": 409,
    "nothing_to_undo": 409,
    "nothing_to_recover": 409,
    "checkpoint_elsewhere": 409,
    "run_carried": 409,
    "nothing_to_pause": 409,
    "not_paused": 409,
    "transition_refused": 409,
    "gate_not_failed": 409,
    "workflow_invalid": 422,
    "workflow_file": 409,
    "workspace_forbidden": 400,
    "cursor_refused": 400,
    "repository_locked": 409,
    "repository_busy": 409,
    "repository_not_owned": 409,
    "proof_tampered": 409,
    "proof_gone": 410,
    "attachment_gone": 410,
    "body_too_large": 413,
    "file_too_large": 413,
    "feedback_too_long": 413,
    "context_exceeded": 413,
    "prompt_too_long": 413,
    "range_refused": 416,
    "host_refused": 421,
    "too_many_failures": 429,
    "git_failed": 500,
    "git_missing": 500,
    "git_too_old": 500,
    "settings_refused": 500,
    "credential_unreadable": 500,
    "files_unwritable": 500,
    "log_unwritable": 500,
    "agent_unreachable": 502,
    "agent_refused": 502,
    "model_refused": 502,
    "model_offline": 503,
    "upstream_failed": 502,
    "agent_busy": 503,
    "database_unusable": 503,
    "database_busy": 503,
    "database_failed": 503,
    "database_away": 503,
    "database_not_migrated": 503,
    "address_taken": 503,
    "git_timed_out": 504,
    "upstream_timeout": 504,
    "repository_disk_full": 507,
    "disk_full": 507,
}

# What no HubError says: what the framework finds, and what nobody expected.
OTHER: dict[str, tuple[int, str]] = {
    "body_unreadable": (400, "The body is no JSON in UTF-8."),
    "http_404": (404, "There is no such route."),
    "http_405": (405, "The route is there, but not for this method."),
    "http_408": (408, "The body came too slowly, or stopped in the middle."),
    "headers_too_slow": (408, "The headers came too slowly."),
    "headers_too_large": (431, "The headers are above MAX_HEADER_BYTES."),
    "too_many_connections": (503, "MAX_CONNECTIONS are open, and an answer is awaited on each."),
    "http_413": (413, "The body is above the limit, which showed only while it came."),
    "validation": (422, "The payload or a parameter can't be read; `errors` names each field and what is wrong."),
    "internal": (500, "Something in the hub broke; nothing was changed, and the log has it under `correlation_id`."),
}


class FieldFault(BaseModel):
    """One value that can't be read."""

    where: str = Field(examples=["body.title"])
    what: str = Field(examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """RFC 9457, with the stable code and a way out; an error may add members of its own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:workflow-hub:problem:not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no task 7."])
    code: str = Field(examples=["not_found"])
    way_out: str = Field(examples=["List them with GET /tasks."])
    errors: list[FieldFault] = Field([], description="Of the code `validation`: each value that can't be read")


def status_of(code: str) -> int:
    return STATUS.get(code, DEFAULT_STATUS)


def problem_body(code: str, status: int, detail: str, way_out: str = "", **data: Any) -> dict[str, Any]:
    """The members every problem has win over an error's own of the same name. No secret is in any of them."""
    members = {
        "type": f"urn:workflow-hub:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "way_out": way_out,
    }
    return KNOWN.value(jsonable_encoder(data) | members)


def problem(code: str, status: int, detail: str, way_out: str = "", **data: Any) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if "retry_after_seconds" in data:
        headers["Retry-After"] = str(data["retry_after_seconds"])
    body = problem_body(code, status, detail, way_out, **data)
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def problem_of(error: HubError) -> JSONResponse:
    return problem(error.code, status_of(error.code), error.sentence, error.way_out, **error.data)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: these errors, besides those that every route has."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = sorted({400, 401, 422, *statuses})
    return {status: {"description": _DESCRIPTIONS[status], "content": content} for status in every}


_DESCRIPTIONS = {
    400: "The input breaks a rule, or can't be read at all.",
    401: "Neither the owner's token nor an open session.",
    403: "Who is signed in there may not.",
    404: "There is no such row.",
    409: "The row changed meanwhile, or its state allows no such move.",
    410: "The file is gone from the disk.",
    413: "The body or the file is above the limit.",
    429: "Too many wrong tokens or sign-in links came from there; `Retry-After` says when to come back.",
    416: "The range lies outside the file.",
    502: "Another server did not answer, or not in a way one can read.",
    507: "The disk is full.",
    422: "The payload or a parameter can't be read.",
    503: "A part of the hub does not answer now.",
}


def _place(parts: Sequence[Any]) -> str:
    """`body.criteria.0.text`. What a caller named a field may hold what no answer can: half a surrogate pair."""
    return ".".join(str(part) for part in parts).encode(errors="replace").decode()


def of_database(error: PoolTimeout | OperationalError) -> HubError:
    """What may succeed later is no fault of the hub. Nothing was changed: the transaction did not commit."""
    if isinstance(error, PoolTimeout) or "locked" in str(error.orig):
        return DatabaseBusy("Too many requests wait for the database.", "Try again in a moment.")
    said = (str(error.orig).splitlines() or [""])[0].rstrip(".")
    return DatabaseFailed(f"The database could not do it: {said}.", "Try again; GET /health/full tells more.")


async def _hub(_request: HTTPConnection, error: HubError) -> JSONResponse:
    return problem_of(error)


async def _database(request: HTTPConnection, error: PoolTimeout | OperationalError) -> JSONResponse:
    refusal = of_database(error)
    log.warning("request.database", method=request.scope.get("method"), path=request.url.path, error=str(error)[:300])
    return problem_of(refusal)


async def _validation(_request: HTTPConnection, error: ValidationException) -> JSONResponse:
    faults = [{"where": _place(f["loc"]), "what": f["msg"].removeprefix("Value error, ")} for f in error.errors()]
    detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults)
    return problem("validation", 422, detail, "Correct these values and send it again.", errors=faults)


async def _http(_request: HTTPConnection, error: HTTPException) -> JSONResponse:
    if error.status_code == 400 and str(error.detail).startswith(UNREAD):
        return problem("body_unreadable", 400, "The body can't be read as JSON in UTF-8.", "Send it so encoded.")
    answer = problem(f"http_{error.status_code}", error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _gone(request: HTTPConnection, _error: ClientDisconnect) -> Response:
    log.info("request.client_gone", method=request.scope.get("method"), path=request.url.path)
    return Response(status_code=400)  # nobody reads it


async def _unexpected(request: HTTPConnection, error: Exception) -> JSONResponse:
    number = request.scope.get("state", {}).get("request_id") or uuid.uuid4().hex
    ids = {"request_id": number, "correlation_id": number}
    log.error("request.failed", **ids, method=request.scope.get("method"), path=request.url.path, exc_info=error)
    answer = problem(
        "internal", 500, "Something in the hub broke; nothing was changed.",
        f"Look for {number} in main-api's log.", correlation_id=number,
    )  # fmt: skip
    answer.headers[HEADER] = number  # this handler stands outside of what gives each answer its id
    return answer


HANDLERS: dict[type[Exception], Callable[[HTTPConnection, Any], Awaitable[Response]]] = {
    HubError: _hub,
    PoolTimeout: _database,
    OperationalError: _database,
    RequestValidationError: _validation,
    WebSocketRequestValidationError: _validation,
    HTTPException: _http,
    ClientDisconnect: _gone,
    Exception: _unexpected,
}


def install(app: FastAPI) -> None:
    """Every error of the app leaves as a problem."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, of_either(handler))


async def answer_to(request: HTTPConnection, error: Exception) -> Response:
    """The same for what goes past the framework."""
    return await next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)(request, error)
