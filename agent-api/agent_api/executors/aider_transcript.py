"""The transcript of an Aider step, kept as a proof however the step ends: what was asked, said, edited and tested."""

from collections.abc import Sequence
from typing import Any

from agent_api.executors import Emit
from services.contract.run_event import EventKind

_TITLES: dict[str, str] = {
    "thought": "The model",
    "edit": "Edited",
    "asked": "Aider asked",
    "heard": "A person said",
    "notice": "Notice",
    "tests": "Tests",
}


class Transcript:
    """Stands in for a job's `emit`: passes every event on, and keeps its text. Bounded; what is left out is said."""

    def __init__(self, emit: Emit, limit: int) -> None:
        self._emit, self._left = emit, limit
        self._parts: list[str] = []
        self._last = ""

    def __call__(self, kind: EventKind, text: str = "", **data: Any) -> None:
        self._emit(kind, text, **data)
        if kind == "output":
            self._add("output", text if text.endswith("\n") or data.get("source") else f"{text}\n")
        elif kind == "edit":
            self._add("edit", f"{text}\n```diff\n{data.get('diff', '')}\n```\n")
        elif kind == "asked" and data.get("person"):
            self._add("asked of a person", f"{text}\n")
        elif kind == "asked":
            self._add("asked", f"{text} {'yes' if data.get('allowed') else 'no'}\n")
        elif kind == "model_turn":
            self._add(
                "turn",
                f"({data.get('tokens_in')} tokens in, {data.get('tokens_out')} out, {data.get('finish_reason')})\n",
            )
        elif kind in _TITLES:
            self._add(kind, f"{text}\n")

    def asked(self, message: str, files: Sequence[str], read_files: Sequence[str]) -> None:
        """What a round was told."""
        shown = f"Files to edit: {', '.join(files) or 'none named'}\nFiles to read: {', '.join(read_files) or 'none'}\n"
        self._add("asked of Aider", f"{shown}\n{message}\n")

    def ended(self, outcome: str, reason: str, sentence: str) -> None:
        self._add("end", f"{outcome} {reason}\n{sentence}\n".replace(" \n", "\n"))

    def text(self) -> str:
        return "".join(self._parts)

    def _add(self, kind: str, text: str) -> None:
        if self._left <= 0:
            return
        if kind != self._last:
            text = f"\n## {_TITLES.get(kind, kind.capitalize())}\n{text}"
            self._last = kind
        if len(text) > self._left:
            text = f"{text[: self._left]}\n(The transcript is cut here at its limit.)\n"
        self._left -= len(text)
        self._parts.append(text)
