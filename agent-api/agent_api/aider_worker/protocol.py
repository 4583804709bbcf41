"""The JSON lines between agent-api and the warm parent.

agent-api writes `{"op": "edit", ...EditRequest}` and `{"op": "cancel", "id": ...}`. The parent writes
`{"ready": {...}}` once, then events `{"id", "kind", "text", "data"}` (kinds are RunEvent's),
`{"id", "before": {"path", "content"}}` when a file is first written (base64 of what it held, null for a new one), and
one `{"id", "result": {...}}` per edit. A child says the same without `id`, and nothing else: it works on what others
wrote, so that the parent does not take its word for whose edit it is, or which process.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_api.cage.policy import Backend, CageHost, ResolvedCage, own_python

LINE_BYTES = 2**26  # an edit event holds the model's whole answer, a `before` a whole file


class Stop(BaseException):
    """The edit ends here. A BaseException, because Aider swallows every Exception and carries on."""

    def __init__(self, outcome: str, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome, self.reason, self.sentence = outcome, reason, sentence


@dataclass(frozen=True, slots=True)
class EditRequest:
    """One edit. `files` may be edited, `read_files` only read; relative to `worktree`. Seconds, bytes, tokens.

    `model_settings` and `model_metadata` are the files in which Aider finds what it is to know of the model.
    """

    id: str
    worktree: str
    message: str
    files: list[str]
    read_files: list[str]
    base_url: str
    api_key: str
    model: str
    model_settings: str
    model_metadata: str
    edit_format: str
    context_tokens: int
    max_output_tokens: int
    temperature: float
    run_seconds: float
    gateway_wait_seconds: float
    output_bytes: int
    memory_bytes: int
    file_bytes: int
    model_turns: int
    readable_secrets: list[str]
    cage: dict[str, Any]

    @property
    def root(self) -> Path:
        return Path(self.worktree).resolve()

    def resolved_cage(self) -> ResolvedCage:
        """The cage that agent-api resolved, plus the folders of this Python: Aider's environment, not agent-api's."""
        cage = self.cage
        backend: Backend = cage["backend"]
        return ResolvedCage(
            backend=backend,
            read_only=tuple(map(Path, cage["read_only"])) + own_python(),
            read_write=tuple(map(Path, cage["read_write"])),
            protected=tuple(map(Path, cage["protected"])),
            tmp=Path(cage["tmp"]),
            tcp_ports=tuple(cage["tcp_ports"]),
            host=CageHost(namespaces=cage["namespaces"]),
            niceness=cage["niceness"],
            covered=tuple(map(Path, cage["covered"])),
        )


def child_message(line: bytes) -> dict[str, Any]:
    """What a child says in this line. Raises ValueError where it is none of a child's messages."""
    try:
        message = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    match message:
        case {"result": dict(), **rest} if not rest:
            return message
        case {"before": {"path": str(), "content": str() | None}, **rest} if not rest:
            return message
        case {"kind": str(), "text": str(), "data": dict(), **rest} if not rest:
            return message
        case {"kind": str(), "text": str(), **rest} if not rest:
            return message
        case _:
            raise ValueError("of no known kind")
