"""The hub's refusals in the shapes that clients of each protocol read."""

import json

from services.domain.errors import HubError
from services.models.providers import Protocol
from services.redaction import KNOWN

STATUS = {
    "model_call_invalid": 400,
    "context_exceeded": 400,
    "model_refused": 400,
    "model_without_price": 400,
    "model_offline": 400,
    "run_token_invalid": 401,
    "run_not_active": 403,
    "model_missing": 404,
    "not_found": 404,
    "budget_exceeded": 429,
    "upstream_busy": 429,
    "upstream_failed": 503,
    "upstream_timeout": 504,
}

ANTHROPIC_KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    429: "rate_limit_error", 503: "overloaded_error", 504: "timeout_error",
}  # fmt: skip


def headers_of(error: HubError) -> dict[str, str]:
    """`Retry-After` where the provider named it; clients need not try again what only a person can change."""
    if "retry_after_seconds" in error.data:
        return {"retry-after": str(error.data["retry_after_seconds"])}
    return {"x-should-retry": "false"} if error.code == "budget_exceeded" else {}


def status_of(error: HubError) -> int:
    return STATUS.get(error.code, 500)


def body_of(protocol: Protocol, error: HubError) -> bytes:
    """JSON in each protocol's words.

    `{"error": {"message", "code", "type", …}}` for OpenAI's clients, with `"type": "error"` around it for Anthropic's,
    `{"error", "code", …}` for Ollama's.
    """
    if protocol == "openai":
        shape = {"error": {**error.data, "message": str(error), "type": "gateway", "param": None, "code": error.code}}
    elif protocol == "anthropic":
        kind = ANTHROPIC_KINDS.get(status_of(error), "api_error")
        shape = {"type": "error", "error": {**error.data, "type": kind, "message": str(error), "code": error.code}}
    else:
        shape = {**error.data, "error": str(error), "code": error.code}
    return json.dumps(KNOWN.value(shape)).encode()


def frame_of(protocol: Protocol, error: HubError) -> bytes:
    """The same in the middle of a stream whose status was already sent."""
    body = body_of(protocol, error)
    if protocol == "anthropic":
        return b"event: error\ndata: " + body + b"\n\n"
    return b"data: " + body + b"\n\n" if protocol == "openai" else body + b"\n"
