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
    "run_token_invalid": 401,
    "run_not_active": 403,
    "model_missing": 404,
    "not_found": 404,
    "budget_exceeded": 429,
    "upstream_busy": 429,
    "upstream_failed": 503,
    "upstream_timeout": 504,
}


def status_of(error: HubError) -> int:
    return STATUS.get(error.code, 500)


def body_of(protocol: Protocol, error: HubError) -> bytes:
    """JSON: `{"error": {"message", "code", "type", …}}` for OpenAI's clients, `{"error", "code", …}` for Ollama's."""
    if protocol == "openai":
        shape = {"error": {**error.data, "message": str(error), "type": "gateway", "param": None, "code": error.code}}
    else:
        shape = {**error.data, "error": str(error), "code": error.code}
    return json.dumps(KNOWN.value(shape)).encode()


def frame_of(protocol: Protocol, error: HubError) -> bytes:
    """The same in the middle of a stream whose status was already sent."""
    body = body_of(protocol, error)
    return b"data: " + body + b"\n\n" if protocol == "openai" else body + b"\n"
