"""Questions without a temperature, for models that take none: OpenAI's since o1, Anthropic's since Opus 4.7.

Both refuse its presence with 400: OpenAI with `{"error": {"param": "temperature", "code": "unsupported_value"}}`,
Anthropic with a message that names it. What is refused so was not paid.
"""

import json
from typing import Any

FIELD = "temperature"


def without_temperature(body: bytes | None) -> bytes | None:
    """The same question, None where it has none to leave out."""
    asked = _read(body)
    if FIELD not in asked:
        return None
    kept = {name: value for name, value in asked.items() if name != FIELD}
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass")


def refuses_temperature(status: int, raw: bytes) -> bool:
    """Whether a refusal is for there being a temperature, whatever its value."""
    error = _read(raw).get("error")
    if status != 400 or not isinstance(error, dict):
        return False
    if error.get("param") == FIELD:
        return str(error.get("code")).startswith("unsupported")
    said = str(error.get("message")).lower()
    return FIELD in said and any(word in said for word in ("deprecated", "not support", "unsupported"))


def _read(raw: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
