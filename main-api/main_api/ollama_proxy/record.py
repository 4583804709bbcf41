"""What is kept of a tool's call: a line of the traffic log and, where a model was asked, a row of the book."""

import hashlib
import json
import time
from typing import Any

from main_api.gateway.gateway import Gateway
from main_api.gateway.told import Used, anthropic_usage, ollama_usage, openai_usage
from services.models.ledger import Spent
from services.models.proxied import note_call
from services.models.traffic import Exchange

ASKS_A_MODEL = frozenset({
    "api/chat", "api/generate", "api/embed", "api/embeddings", "v1/chat/completions", "v1/completions", "v1/embeddings",
    "v1/messages", "v1/responses",
})  # fmt: skip
KEPT_BYTES = 65_536  # of each end of an answer; usage stands at the end


class Record:
    """Fed with the answer as it passes; `end` writes down what became of it. `first` is seconds of time.monotonic()."""

    def __init__(self, gateway: Gateway, path: str, request: bytes) -> None:
        self.gateway, self.path, self.request = gateway, path, request
        self.status: int | None = None
        self.first: float | None = None
        self._begun = time.monotonic()
        self._head, self._tail, self._bytes = bytearray(), bytearray(), 0

    def feed(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        self._head += chunk[: max(0, KEPT_BYTES - len(self._head))]
        self._tail += chunk
        if len(self._tail) > 2 * KEPT_BYTES:
            del self._tail[:-KEPT_BYTES]

    async def end(self, outcome: str, error: str) -> None:
        body = _object(self.request)
        spent, model = self._spent(), str(body.get("model") or body.get("name") or "")
        facts: dict[str, Any] = {
            "by": "owner", "provider": "ollama", "path": self.path, "model": model, "outcome": outcome,
            "status": self.status, "first_byte_ms": spent.first_byte_ms, "duration_ms": spent.duration_ms,
            "tokens_in": spent.tokens_in, "tokens_out": spent.tokens_out, "tokens_per_second": spent.tokens_per_second,
            "answer_bytes": self._bytes, "error": error,
        }  # fmt: skip
        try:
            if self.path in ASKS_A_MODEL:
                sha256 = hashlib.sha256(f"{self.path}\n".encode() + self.request).hexdigest()
                async with self.gateway.db.write() as session:
                    facts["call"] = await note_call(
                        session, self.path, model, sha256, outcome, self.status, spent, error
                    )
        finally:  # the log tells of it also where the book can't
            self.gateway.traffic.note(Exchange(facts, self.request, self._kept()))

    def _kept(self) -> bytes:
        if self._bytes <= len(self._head):
            return bytes(self._head)
        return bytes(self._head + self._tail[-min(len(self._tail), self._bytes - len(self._head)) :])

    def _spent(self) -> Spent:
        used, now = used_in(bytes(self._tail)), time.monotonic()
        first = None if self.first is None else round((self.first - self._begun) * 1000, 3)
        whole = round((now - self._begun) * 1000, 3)
        if used is None:
            return Spent(estimated=True, first_byte_ms=first, duration_ms=whole)
        speed = round(used.tokens_out / used.writing_seconds, 2) if used.writing_seconds and used.tokens_out else None
        return Spent(used.tokens_in, used.tokens_out, used.cached, 0.0, False, first, whole, speed)


def used_in(tail: bytes) -> Used | None:
    """The usage that stands last in an answer of any of Ollama's protocols."""
    for line in reversed(tail.splitlines()):
        answer = _object(line.removeprefix(b"data:"))
        if found := ollama_usage(answer) or openai_usage(answer) or anthropic_usage(answer):
            return found
    return None


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
