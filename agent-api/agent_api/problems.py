"""The one table from an error's code to its HTTP status, and the problem+json body that carries both."""

import errno
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.domain.errors import HubError
from services.redaction import KNOWN

log = structlog.get_logger(__name__)

STATUS: dict[str, int] = {
    "agent_unauthorized": 401,
    "agent_host_refused": 421,
    "agent_body_too_large": 413,
    "outside_workspace": 403,
    "model_not_allowed": 403,
    "job_not_found": 404,
    "artifact_not_found": 404,
    "run_differs": 409,
    "caller_gone": 499,
    "agent_full": 429,
    "agent_disk_full": 429,
    "cage_unavailable": 503,
    "main_api_away": 503,
    "step_failed": 502,
    "step_lost": 503,
}
DEFAULT_STATUS = 400


def problem(code: str, status: int, detail: str, way_out: str = "", **data: Any) -> JSONResponse:
    """RFC 9457, with the stable code and a way out."""
    body = data | {
        "type": f"urn:workflow-hub:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "way_out": way_out,
        "success": False,
    }
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "1"}}.get(status)
    return JSONResponse(KNOWN.value(body), status, headers, media_type="application/problem+json")


def problem_of(error: HubError) -> JSONResponse:
    return problem(error.code, STATUS.get(error.code, DEFAULT_STATUS), error.sentence, error.way_out, **error.data)


def install(app: FastAPI) -> None:
    """Every error of the app leaves as a problem."""

    @app.exception_handler(HubError)
    async def _hub(_request: Request, error: HubError) -> JSONResponse:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [{"where": ".".join(str(part) for part in f["loc"]), "what": f["msg"]} for f in error.errors()]
        detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults)
        return problem("validation", 422, detail, "Correct these values and send it again.", faults=faults)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(f"http_{error.status_code}", error.status_code, str(error.detail))

    @app.exception_handler(OSError)
    async def _system(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return await _unexpected(request, error)
        log.error("request.disk_full", method=request.method, path=request.url.path)
        return problem("disk_full", 507, "The disk of agent-api is full.", "Free some space; then it is tried again.")

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", method=request.method, path=request.url.path, exc_info=error)
        return problem("internal", 500, "Something in agent-api broke.", "Its log says what.")
