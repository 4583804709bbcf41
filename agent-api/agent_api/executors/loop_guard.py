"""Notices a model that makes the same call again and again: it would go on until its turns are used up."""

import json
from collections import Counter
from typing import Any

from agent_api.errors import StepFailed

MOST = 3
CHANGING = frozenset({"edit", "patch", "write", "aider"})
AGAIN = "[You made this very call before, with the same answer. Do something else: the third time ends the run.]"


class LoopGuard:
    """A call counts as the same by its name and arguments.

    Thrice in a row is a loop whatever it answers. With other calls in between it is one when the answers were the same
    and nothing was changed meanwhile, so tests may be run again after each edit.
    """

    def __init__(self) -> None:
        self._last, self._in_a_row = "", 0
        self._answers: dict[str, Counter[str]] = {}

    def before(self, name: str, arguments: dict[str, Any]) -> None:
        """Raises StepFailed(loop) for the third of the same call, before it is made."""
        key = _key(name, arguments)
        self._in_a_row = self._in_a_row + 1 if key == self._last else 1
        self._last = key
        same_answers = max(self._answers.get(key, Counter()).values(), default=0)
        if self._in_a_row >= MOST or same_answers >= MOST - 1:
            raise StepFailed(
                "loop",
                f"The model made the same call {MOST} times and learned nothing new: {key[:300]}",
                "Say more exactly what is wanted, allow other tools, or choose another model.",
            )

    def after(self, name: str, arguments: dict[str, Any], text: str, ok: bool) -> bool:
        """Note what the call answered; whether it has answered the same before."""
        key = _key(name, arguments)
        if ok and name in CHANGING:
            kept = self._answers.get(key, Counter())
            self._answers = {key: kept}
        answers = self._answers.setdefault(key, Counter())
        answers[text] += 1
        return answers[text] > 1


def _key(name: str, arguments: dict[str, Any]) -> str:
    return f"{name} {json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)}"
