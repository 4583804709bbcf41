"""Keeps secrets from providers: each is replaced in the question by a sign, and put back where the answer has the sign.

Without putting them back a model that rewrites a file would destroy what stood in it.
"""

import hashlib
import hmac
import json
import re
from typing import Any

from services.redaction import KNOWN

SIGN = re.compile(r"\[hidden-secret-[0-9a-f]{12}\]")


class Hiding:
    """Of one question. The same secret always gets the same sign, so that the same question stays the same."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._secrets: dict[str, str] = {}

    def hide(self, body: dict[str, Any]) -> dict[str, Any]:
        """The question as a provider may read it."""
        return KNOWN.value(body, self._sign)

    def put_back(self, answer: bytes) -> bytes:
        """A whole answer in JSON for the one who asked, who had those secrets before. A stream keeps its signs."""
        if not self._secrets or not SIGN.search(answer.decode("utf-8", "replace")):
            return answer
        return json.dumps(self._in(json.loads(answer)), ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _sign(self, _kind: str, secret: str) -> str:
        digest = hmac.new(
            self._key, b"workflow-hub hidden secret 1\n" + secret.encode("utf-8", "replace"), hashlib.sha256
        )
        sign = f"[hidden-secret-{digest.hexdigest()[:12]}]"
        self._secrets[sign] = secret
        return sign

    def _in(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._in(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._in(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if not SIGN.search(text):
            return text
        in_json = _is_json(text)  # a tool's arguments, or an answer that has to fit a schema

        def secret(found: re.Match[str]) -> str:
            known = self._secrets.get(found[0], found[0])
            return json.dumps(known)[1:-1] if in_json else known

        return SIGN.sub(secret, text)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False
