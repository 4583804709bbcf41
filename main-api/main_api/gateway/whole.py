"""Finds out that a server read less than it was sent: Ollama cuts long prompts in silence unless told not to."""

from collections.abc import Callable
from typing import Any

from main_api.gateway.told import Used
from services.models.errors import ContextExceeded
from services.models.providers import Provider
from services.models.tokens import fewest_in_request

SHORT = 256  # tokens; shorter prompts fit anywhere
SLACK = 0.9  # templates trim white space, and signs stand in the place of secrets


def check_read_whole(
    provider: Provider, body: dict[str, Any], used: Used | None, count: Callable[[str], int], name: str
) -> None:
    """Raises ContextExceeded where the prompt had more tokens than the server says it read.

    Ollama counts what it has in its cache too, but for versions 0.30.0 up to its pull request 16428: there a long
    prompt that it half remembers would be taken for a cut one.
    """
    if not provider.pins_context or used is None:
        return
    fewest = fewest_in_request(body, count)
    if fewest > SHORT and used.tokens_in < SLACK * fewest:
        raise ContextExceeded(
            f"{name} read {used.tokens_in} tokens of a prompt of at least {fewest}: its server cut the prompt.",
            "Send less, or set its context: this Ollama does not hold what the profile in GET /model-profiles says.",
            prompt_tokens=fewest,
            read_tokens=used.tokens_in,
        )
