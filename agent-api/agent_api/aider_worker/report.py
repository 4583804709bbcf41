"""What a child says on its pipe: bounded, and without the run's key."""

import base64
import json
import os
from typing import Any


class Report:
    """Writes events, then one result. After `limit` bytes of events it says so once and goes on in silence."""

    def __init__(self, fd: int, secret: str, limit: int) -> None:
        self._fd, self._secrets, self._left = fd, _forms(secret), limit

    def __call__(self, kind: str, text: str = "", **data: Any) -> None:
        if self._left <= 0:
            return
        line = self._line({"kind": kind, "text": text, "data": data})
        self._left -= len(line)
        if self._left <= 0:
            text = "Aider said more than the output limit; the rest is not shown."
            line = self._line({"kind": "notice", "text": text})
        self._write(line)

    def before(self, path: str, content: bytes | None) -> None:
        """What a file held before this edit first writes it; None when it was not there. Never cut, never shown."""
        data = None if content is None else base64.b64encode(content).decode()
        self._write(json.dumps({"before": {"path": path, "content": data}}).encode() + b"\n")

    def result(self, **result: Any) -> None:
        self._write(self._line({"result": result}))

    def _line(self, value: dict[str, Any]) -> bytes:
        line = json.dumps(value)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line.encode() + b"\n"

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]


def _forms(secret: str) -> list[str]:
    """The key as sent (`token.incarnation`) and the token alone; the longer first."""
    return [form for form in (secret, secret.rpartition(".")[0]) if len(form) >= 8]
