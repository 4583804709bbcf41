"""A provider for questions about a record: it streams a text in words, and can be held in the middle."""

import json
from collections.abc import Callable
from typing import Any

from tests.integration.gateway.provider import CountingProvider

MODEL = "openai/gpt-4o-mini"


class Answering(CountingProvider):
    """Says what `say` makes of the prompt, in pieces of twenty characters; `gate` holds it after the first."""

    say: Callable[[str], str]

    def _sse(self, body: dict[str, Any]) -> list[bytes]:
        text = self.say(body["messages"][-1]["content"])
        self.words = tuple(text[at : at + 20] for at in range(0, len(text), 20)) or ("",)
        return super()._sse(body)


def account(answer: str, *cites: str) -> str:
    return json.dumps({"answer": answer, "cites": list(cites)})
